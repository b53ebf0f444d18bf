package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Jobs whose epochs have long records: one value per metric, target and set of rows. */
@ServiceTest
@Timeout(120)
class ManyTargetsHttpTest {
  private static final int ROWS = 20;
  private static final String METRICS = "[\"mae\", \"mse\", \"rmse\", \"r2\"]";

  @Autowired private Http http;

  /** Uploads rows with one input and many targets, and gives a job that trains on them. */
  private String job(String name, int targets, int nameLength) {
    String suffix = "y".repeat(nameLength);
    String header =
        IntStream.range(0, targets).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
    StringBuilder csv = new StringBuilder("x,").append(header).append('\n');
    for (int row = 0; row < ROWS; row++) {
      csv.append(row);
      for (int target = 0; target < targets; target++) {
        csv.append(',').append(row + target);
      }
      csv.append('\n');
    }
    http.upload(name, csv.toString());
    String all =
        list(targets, "\"t%d" + suffix + "\": {\"column\": \"c%d\", \"output\": \"head%d\"}");
    String heads =
        list(
            targets,
            "{\"type\": \"dense\", \"name\": \"head%d\", \"inputs\": [\"h\"], \"units\": 1}");
    String outputs = list(targets, "\"head%d\"");
    return """
        {"model": {"name": "%s", "inputs": {"in": {"columns": ["x"]}}, "targets": {%s},
                   "network": {"layers": [{"type": "dense", "name": "h", "units": 2}, %s],
                               "outputs": [%s]}},
         "dataset": {"name": "%s"},
         "training": {"loss": "mse", "epochs": 2, "metrics": %s}}\
        """
        .formatted(name, all, heads, outputs, name, METRICS);
  }

  private static String list(int count, String form) {
    return IntStream.range(0, count)
        .mapToObj(i -> form.replace("%d", String.valueOf(i)))
        .collect(Collectors.joining(", "));
  }

  @Test
  void recordOfManyTargetsIsStored() {
    JsonNode job = http.train(job("many-targets", 300, 60));
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    assertThat(job.get("metrics").toString().length()).isGreaterThan(100_000);
    JsonNode epochs = http.get("/v1/jobs/" + job.get("id").stringValue() + "/metrics").json();
    assertThat(epochs.get("epochs").size()).isEqualTo(2);
  }
}
