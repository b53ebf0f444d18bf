package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** The evaluation of a job groups just the rows that it is about, while there is their dataset. */
@ServiceTest
@Timeout(120)
class JobSlicesHttpTest {
  @Autowired private Http http;
  @Autowired private JdbcClient jdbc;

  private static String job(String name, String inputs, String dataset) {
    return """
    {"model": {"name": "%s", "inputs": {"x": {"columns": ["a"]%s}}, "targets": {"y": {"column": "y"}},
               "network": {"layers": [{"type": "flatten"}, {"type": "dense", "units": 1}]}},
     "dataset": %s, "training": {"loss": "mse", "epochs": 2, "seed": 3}}
    """
        .formatted(name, inputs, dataset);
  }

  private static String csv(String column, int rows) {
    StringBuilder csv = new StringBuilder("a,y," + column + "\n");
    for (int i = 0; i < rows; i++) {
      csv.append(
          "%d,%d,%s%n".formatted(i * 7 % 11, i * 7 % 11 + i % 3, i < rows / 2 ? "one" : "two"));
    }
    return csv.toString();
  }

  private String trained(String job) {
    JsonNode done = http.train(job);
    assertThat(done.get("state").stringValue()).as("%s", done).isEqualTo("succeeded");
    return "/v1/jobs/" + done.get("id").stringValue() + "/evaluation";
  }

  private static int rows(JsonNode slices, String column) {
    return slices
        .at("/columns/" + column + "/groups")
        .valueStream()
        .mapToInt(group -> group.get("rows").intValue())
        .sum();
  }

  @Test
  void validationRowsOfADatasetOfTheirOwnAreGroupedByItsColumns() {
    http.upload("sliced-train", csv("only_here", 40));
    http.upload("sliced-valid", csv("site", 30));
    String evaluation =
        trained(
            job(
                "sliced-valid",
                "",
                "{\"name\": \"sliced-train\", \"where\": \"a > 2\", \"validation_dataset\": {\"name\": \"sliced-valid\"}}"));
    JsonNode own = http.get(evaluation + "?slices=site").expect(200).json();
    assertThat(own.get("part").stringValue()).isEqualTo("validation");
    assertThat(own.at("/slices/columns/site/groups/0/rows").intValue()).isEqualTo(15);
    assertThat(rows(own.get("slices"), "site")).isEqualTo(30);
    JsonNode evaluated =
        http.post(
                "/v1/models/sliced-valid/versions/1/evaluation",
                "{\"dataset\": {\"name\": \"sliced-valid\"}, \"slices\": [\"site\"]}")
            .expect(200)
            .json();
    assertThat(own.get("slices")).isEqualTo(Http.given(evaluated.get("slices")));
    assertThat(
            http.get(evaluation + "?slices=only_here")
                .expectProblem(400, "invalid_parameter")
                .json()
                .get("detail")
                .stringValue())
        .contains("sliced-valid@1 has no column 'only_here'");
  }

  @Test
  void aWindowIsInTheGroupOfItsLastRow() {
    http.upload("sliced-windows", csv("half", 40));
    String evaluation =
        trained(
            job(
                "sliced-windows",
                ", \"window\": 3",
                "{\"name\": \"sliced-windows\", \"where\": \"a >= 0\"}"));
    JsonNode json = http.get(evaluation + "?slices=half&importance=permutation").expect(200).json();
    assertThat(json.get("part").stringValue()).isEqualTo("training");
    JsonNode groups = json.at("/slices/columns/half/groups");
    // The first window ends at the third of the twenty rows of the first half.
    assertThat(groups.at("/0/group").stringValue()).isEqualTo("two");
    assertThat(groups.at("/0/rows").intValue()).isEqualTo(20);
    assertThat(groups.at("/1/rows").intValue()).isEqualTo(18);
    assertThat(json.at("/importance/columns/a/mean").isNumber()).isTrue();
  }

  @Test
  void testRowsAreThoseThatTheSeedChose() {
    StringBuilder csv = new StringBuilder("a,y,number\n");
    IntStream.range(0, 60).forEach(i -> csv.append("%d,%d,%d%n".formatted(i % 7, i % 5, i)));
    http.upload("sliced-random", csv.toString());
    String evaluation =
        trained(
            job(
                "sliced-random",
                "",
                "{\"name\": \"sliced-random\", \"where\": \"number >= 20\", \"split\": {\"validation\": 0.25, \"test\": 0.2}}"));
    JsonNode json = http.get(evaluation + "?slices=number").expect(200).json();
    assertThat(json.get("rows").intValue()).isEqualTo(8);
    assertThat(json.at("/slices/columns/number/by").stringValue()).isEqualTo("value");
    // Rows are numbered among those that the condition selects.
    assertThat(
            json.at("/slices/columns/number/groups")
                .valueStream()
                .map(group -> Integer.parseInt(group.get("group").stringValue()) - 20 + 1)
                .sorted())
        .containsExactlyElementsOf(
            json.get("worst_rows")
                .valueStream()
                .map(row -> row.get("row").intValue())
                .sorted()
                .toList());
    assertThat(json.at("/slices/all/metrics/mse").doubleValue()).isPositive();
    assertThat(json.at("/slices/columns/number/groups/0/metric_intervals/mse").isNull()).isTrue();
    assertThat(json.at("/slices/columns/number/groups/0/interval_notes/mse").stringValue())
        .contains("at least 10 rows");
    assertThat(json.at("/slices/columns/number/largest_gaps").isEmpty()).as("all small").isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "slices=hallf | slices: sliced-faults@1 has no column 'hallf'; did you mean 'half'?",
        "importance=luck | importance: One of permutation was expected",
        "slices=a,b,c,d,e,f,g,h,i,j,k | slices: At most 10 columns",
      })
  void aFaultNamesItsParameter(String query, String detail) {
    http.upload("sliced-faults", csv("half", 20));
    String evaluation = trained(job("sliced-faults", "", "{\"name\": \"sliced-faults\"}"));
    assertThat(
            http.get(evaluation + "?" + query)
                .expectProblem(400, "invalid_parameter")
                .json()
                .get("detail")
                .stringValue())
        .contains(detail);
  }

  /** The loss is that of the training, but for the weights, and both say so. */
  @Test
  void anImportanceWithoutTheWeightsOfTheRowsSaysSo() {
    http.upload("sliced-weighed", csv("half", 20).replace("one", "1").replace("two", "2"));
    http.upload("sliced-plain", csv("other", 20));
    trained(
        job("sliced-weighed", "", "{\"name\": \"sliced-weighed\"}")
            .replace("\"epochs\"", "\"sample_weight\": \"half\", \"epochs\""));
    String body = "{\"dataset\": {\"name\": \"%s\"}, \"importance\": \"permutation\"}";
    String evaluation = "/v1/models/sliced-weighed/versions/1/evaluation";
    JsonNode json = http.post(evaluation, body.formatted("sliced-plain")).expect(200).json();
    assertThat(json.at("/importance/metric").stringValue()).isEqualTo("loss");
    assertThat(json.at("/importance/note").stringValue())
        .contains("the column 'half', which this dataset lacks")
        .isEqualTo(json.at("/metric_notes/loss").stringValue());
    JsonNode weighed = http.post(evaluation, body.formatted("sliced-weighed")).expect(200).json();
    assertThat(weighed.get("importance").has("note")).isFalse();
  }

  /** Another version of the same name and number is not measured in its place. */
  @Test
  void aModelThatWasMadeAgainIsNotTakenForThatOfTheJob() {
    http.upload("sliced-again", csv("half", 20));
    String job = job("sliced-again", "", "{\"name\": \"sliced-again\"}");
    String first = trained(job);
    http.get(first + "?slices=half").expect(200);
    http.delete("/v1/models/sliced-again").expect(204);
    String second = trained(job);
    http.get(second + "?slices=half").expect(200);
    assertThat(
            http.get(first + "?slices=half")
                .expectProblem(404, "version_not_found")
                .json()
                .get("detail")
                .stringValue())
        .contains("is gone: sliced-again@1 is another");
    http.get(first.replace("/evaluation", "/plots/weights"))
        .expectProblem(404, "version_not_found");
    http.get(second.replace("/evaluation", "/plots/weights")).expect(200);
  }

  @Test
  void aValidationDatasetThatIsGoneIsNotFound() {
    http.upload("sliced-here", csv("half", 20));
    http.upload("sliced-leaves", csv("half", 20));
    String evaluation =
        trained(
            job(
                "sliced-leaves",
                "",
                "{\"name\": \"sliced-here\", \"validation_dataset\": {\"name\": \"sliced-leaves\"}}"));
    http.get(evaluation + "?slices=half").expect(200);
    http.delete("/v1/datasets/sliced-leaves/versions/1").expect(204);
    http.get(evaluation + "?slices=half").expectProblem(404, "dataset_not_found");
  }

  @ParameterizedTest
  @CsvSource({"'\"seed\":3', '\"batch_size\":2'", "'\"epochs\"', '\"epoochs\"'"})
  void aStoredRequestThatCannotBeReadSaysWhatToDo(String old, String other) {
    http.upload("sliced-old", csv("half", 20));
    String evaluation = trained(job("sliced-old", "", "{\"name\": \"sliced-old\"}"));
    String id = evaluation.split("/")[3];
    String request =
        jdbc.sql("select request from jobs where id = ?").param(id).query(String.class).single();
    assertThat(request).contains(old);
    jdbc.sql("update jobs set request = ? where id = ?")
        .params(request.replace(old, other), id)
        .update();
    assertThat(
            http.get(evaluation + "?slices=half")
                .expectProblem(400, "invalid_parameter")
                .json()
                .get("detail")
                .stringValue())
        .contains("cannot be chosen again; evaluate the version", "/versions/{version}/evaluation");
  }

  @Test
  void withoutItsRowsOnlyTheStoredEvaluationIsAnswered() {
    http.upload("sliced-gone", csv("half", 20));
    String evaluation = trained(job("sliced-gone", "", "{\"name\": \"sliced-gone\"}"));
    String prediction =
        http.post(
                "/v1/batch-predictions",
                "{\"model\": \"sliced-gone\", \"dataset\": {\"name\": \"sliced-gone\"}, \"result\": {\"dataset\": \"sliced-out\"}}")
            .expect(202)
            .header("Location");
    http.await(prediction);
    http.get(prediction + "/evaluation").expect(200);
    assertThat(
            http.get(prediction + "/evaluation?slices=half")
                .expectProblem(400, "invalid_parameter")
                .json()
                .get("detail")
                .stringValue())
        .contains("Only the rows of a training", "/versions/{version}/evaluation");
    http.delete("/v1/datasets/sliced-gone/versions/1").expect(204);
    http.get(evaluation).expect(200);
    http.get(evaluation + "?slices=half").expectProblem(404, "dataset_not_found");
    http.get("/v1/jobs/none/evaluation?slices=half").expectProblem(404, "job_not_found");
  }
}
