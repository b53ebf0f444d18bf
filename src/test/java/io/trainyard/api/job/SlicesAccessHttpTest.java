package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.KeyedService;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Groups of rows tell of their dataset, so only those may see them who may see the dataset. */
@Timeout(120)
class SlicesAccessHttpTest extends KeyedService {
  private static final String ROWS =
      "a,y,half\n" + "1,2,one\n2,3,one\n3,4,two\n4,5,two\n".repeat(5);

  private Http reader(String... datasets) {
    return as(token("read predict", List.of("*"), List.of(datasets)));
  }

  @Test
  void whoMayNotSeeADatasetCannotSliceIt() {
    admin().upload("access-rows", ROWS);
    admin().upload("access-valid", ROWS);
    JsonNode job =
        admin()
            .train(
                """
                {"model": {"name": "access-sliced", "inputs": {"x": {"columns": ["a"]}},
                           "targets": {"y": {"column": "y"}},
                           "network": {"layers": [{"type": "dense", "units": 1}]}},
                 "dataset": {"name": "access-rows", "validation_dataset": {"name": "access-valid"}},
                 "training": {"loss": "mse", "epochs": 1, "seed": 3}}
                """);
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("succeeded");
    String sliced = "/v1/jobs/" + job.get("id").stringValue() + "/evaluation?slices=half";
    String permuted = sliced.replace("slices=half", "importance=permutation");
    reader("access-rows", "access-valid").get(sliced).expect(200);
    for (Http other : List.of(reader("access-valid"), reader("access-rows"), reader())) {
      other.get(sliced).expectProblem(404, "job_not_found");
      other.get(permuted).expectProblem(404, "job_not_found");
    }
    String body = "{\"dataset\": {\"name\": \"%s\"}, \"slices\": [\"half\"]}";
    String evaluation = "/v1/models/access-sliced/versions/1/evaluation";
    reader("access-valid").post(evaluation, body.formatted("access-valid")).expect(200);
    // In the same words as of a dataset that does not exist.
    for (String name : List.of("access-rows", "access-none")) {
      reader("access-valid")
          .post(evaluation, body.formatted(name))
          .expectFault("/dataset/name", "There is no dataset '%s'".formatted(name));
    }
  }
}
