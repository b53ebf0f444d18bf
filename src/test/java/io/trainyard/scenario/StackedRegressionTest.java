package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Scenario S5 with a regression head, on real house prices: the job of the example against a net
 * that is trained directly, and the sparsity of an autoencoder.
 */
@ScenarioTest
@Timeout(120)
class StackedRegressionTest {
  private static final Path EXAMPLE = Path.of("src/examples/stacked-regression");
  private static final JsonMapper JSON = new JsonMapper();
  private static final int SEEDS = 5;

  /** The epochs of all phases together. */
  private static final int EPOCHS = 350;

  @Autowired private Http http;

  @BeforeEach
  void upload() throws IOException {
    http.upload("boston", Files.readString(EXAMPLE.resolve("boston.csv")));
  }

  private static ObjectNode job() throws IOException {
    return (ObjectNode) JSON.readTree(Files.readAllBytes(EXAMPLE.resolve("job.json")));
  }

  /** The 13-10-10-1 net alone, with the same optimizer, rows and number of epochs. */
  private static ObjectNode direct() throws IOException {
    ObjectNode job = job();
    ((ObjectNode) job.get("model")).put("name", "direct");
    ArrayNode layers = (ArrayNode) job.at("/model/network/layers");
    layers.remove(3);
    layers.remove(1);
    layers.forEach(layer -> ((ObjectNode) layer).remove("regularizer"));
    ObjectNode training = (ObjectNode) job.get("training");
    training.remove("phases");
    training.put("epochs", EPOCHS).put("loss", "mse").putArray("metrics").add("rmse");
    return job;
  }

  private List<String> submit(ObjectNode job) {
    List<String> jobs = new ArrayList<>();
    for (int seed = 1; seed <= SEEDS; seed++) {
      ((ObjectNode) job.get("training")).put("seed", seed);
      jobs.add(http.submit(job.toString()));
    }
    return jobs;
  }

  private double medianError(List<String> jobs) {
    List<Double> errors = new ArrayList<>();
    for (String job : jobs) {
      JsonNode done = http.await(job);
      assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("succeeded");
      assertThat(done.at("/metrics/epoch").intValue()).isEqualTo(EPOCHS);
      errors.add(done.at("/metrics/test_rmse").doubleValue());
    }
    return errors.stream().sorted().toList().get(SEEDS / 2);
  }

  @Test
  void theStackIsAsGoodAsANetTrainedDirectly() throws IOException {
    List<String> stacked = submit(job());
    List<String> direct = submit(direct());
    double error = medianError(stacked);
    assertThat(error).isLessThan(1.05 * medianError(direct)).isLessThan(4.5);
    JsonNode one =
        http.post("/v1/models/boston/predict", Files.readString(EXAMPLE.resolve("predict.json")))
            .expect(200)
            .json();
    assertThat(one.at("/predictions/0/medv").doubleValue()).isBetween(15.0, 35.0);
    assertThat(one.at("/outputs/enc2/0")).hasSize(10);
  }

  /** With a weight of 10 every unit is as rarely active as asked, over all rows. */
  @Test
  void aSparseAutoencoderIsAsActiveAsAsked() throws IOException {
    for (double proportion : new double[] {0.05, 0.2}) {
      ObjectNode job = job();
      ((ObjectNode) job.get("model")).put("name", "sparse");
      ArrayNode layers = (ArrayNode) job.at("/model/network/layers");
      while (layers.size() > 2) {
        layers.remove(2);
      }
      ((ObjectNode) layers.at("/0/regularizer/sparsity"))
          .put("weight", 10)
          .put("proportion", proportion);
      ((ObjectNode) job.at("/model/targets")).removeAll().putObject("copy").put("input", "x");
      ((ObjectNode) job.get("dataset")).remove("split");
      ObjectNode training = (ObjectNode) job.get("training");
      training.remove("phases");
      training.put("epochs", 60).put("loss", "sse");
      http.train(job.toString());
      double[] means = activations();
      for (double mean : means) {
        assertThat(mean).isCloseTo(proportion, within(0.02));
      }
    }
  }

  /** By unit of the encoder, the mean over all rows. */
  private double[] activations() {
    JsonNode rows = http.job("/v1/datasets/boston/versions/latest/rows?page_size=500").get("rows");
    ObjectNode request = JSON.createObjectNode();
    request.set("instances", rows);
    request.putArray("outputs").add("enc1");
    JsonNode codes =
        http.post(
                "/v1/models/sparse/versions/latest/predict?ignore_unknown=true", request.toString())
            .expect(200)
            .json()
            .at("/outputs/enc1");
    double[] means = new double[10];
    for (JsonNode code : codes) {
      for (int unit = 0; unit < means.length; unit++) {
        means[unit] += code.get(unit).doubleValue() / codes.size();
      }
    }
    return means;
  }
}
