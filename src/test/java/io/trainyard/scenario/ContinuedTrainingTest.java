package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.train.CheckpointStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** A job that goes on where another one ended, with its optimizer. */
@ServiceTest
@Timeout(180)
class ContinuedTrainingTest {
  @Autowired private Http http;
  @Autowired private CheckpointStore checkpoints;

  @BeforeEach
  void upload() {
    Random random = new Random(5);
    StringBuilder csv = new StringBuilder("a,b,y\n");
    for (int i = 0; i < 60; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      csv.append("%.4f,%.4f,%.4f%n".formatted(a, b, Math.sin(a) * b));
    }
    http.upload("going-on", csv.toString());
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "'optimizer': 'adam'",
        "'optimizer': {'type': 'sgd', 'momentum': 0.9}, 'ema': {'decay': 0.8}",
        "'optimizer': {'type': 'lbfgs', 'learning_rate': 0.1}, 'batch_size': 100",
        "'optimizer': 'trainlm'",
        "'optimizer': 'trainrp', 'publish': 'last'",
        "'optimizer': 'adam', 'learning_rate_schedule': {'type': 'reduce_on_plateau',"
            + " 'monitor': 'loss', 'patience': 1, 'min_delta': 0.1}",
        "'optimizer': 'rmsprop', 'max_fail': 6, 'monitor': 'val_loss'",
        "'optimizer': 'adam', 'early_stopping': {'monitor': 'val_loss', 'patience': 9}",
      })
  void endsWithTheBitsOfOneLongerTraining(String options) {
    JsonNode whole = succeeded(job("'epochs': 9, 'seed': 8, " + options, ""));
    JsonNode first = succeeded(job("'epochs': 4, 'seed': 8, " + options, ""));
    JsonNode second = succeeded(job("'epochs': 9, " + options, goingOn(first)));

    assertThat(weights(second)).isEqualTo(weights(whole));
    List<JsonNode> epochs = epochs(first);
    epochs.addAll(epochs(second));
    assertThat(epochs).isEqualTo(epochs(whole));
    assertThat(untimed(second.get("best"))).isEqualTo(untimed(Http.given(whole.get("best"))));
    assertThat(second.at("/request/training/seed").intValue()).isEqualTo(8);
    assertThat(second.at("/request/initial_weights/version"))
        .isEqualTo(Http.given(first.at("/result/version")));
  }

  @Test
  void aRuleThatEndedTheFirstJobBeginsAgain() {
    String rule = "'optimizer': 'adam', 'early_stopping': {'monitor': 'loss', 'patience': 2,";
    JsonNode first =
        succeeded(job("'epochs': 30, " + rule + " 'mode': 'max', 'min_delta': 9}", ""));
    assertThat(first.get("stop_reason").stringValue()).isEqualTo("early_stopping");
    int ended = epochs(first).size();

    JsonNode second = succeeded(job("'epochs': 30, " + rule + " 'min_delta': 0}", goingOn(first)));

    assertThat(epochs(second).getFirst().get("epoch").intValue()).isEqualTo(ended + 1);
    assertThat(epochs(second).size()).isGreaterThan(2);
  }

  @Test
  void otherRowsAndAnotherLearningRateStartANewChoiceOfTheBest() {
    JsonNode first = succeeded(job("'epochs': 4, 'optimizer': 'adam'", ""));
    JsonNode second =
        succeeded(
            job(
                    "'epochs': 6, 'optimizer': {'type': 'adam', 'learning_rate': 1e-9}",
                    goingOn(first) + ", 'priority': 1")
                .replace(
                    "'name': 'going-on', 'split'",
                    "'name': 'going-on', 'where': 'a > -9', 'split'"));
    assertThat(epochs(second)).hasSize(2);
    assertThat(second.at("/best/epoch").intValue()).isGreaterThan(4);
  }

  @Test
  void withoutTheOptimizerAJobStandsForItsVersion() {
    JsonNode first = succeeded(job("'epochs': 4, 'optimizer': 'adam'", ""));
    String origin = goingOn(first).replace(", 'optimizer': true", "");
    JsonNode second = succeeded(job("'epochs': 2, 'optimizer': 'sgd'", origin));
    assertThat(epochs(second).getFirst().get("epoch").intValue()).isEqualTo(1);
    assertThat(second.at("/request/initial_weights/version"))
        .isEqualTo(Http.given(first.at("/result/version")));
  }

  @Test
  void whatTheStateDoesNotFitIsRefused() {
    JsonNode first = succeeded(job("'epochs': 4, 'optimizer': 'adam'", ""));
    String adam = "'epochs': 9, 'optimizer': 'adam'";
    String origin = goingOn(first);
    refused(job("'epochs': 4, 'optimizer': 'adam'", origin), "/training/epochs", "has trained 4");
    refused(
        job(adam + ", 'phases': [{'train': ['dense_1']}]", origin),
        "/initial_weights/optimizer",
        "This job trains in phases");
    refused(
        job("'epochs': 9, 'optimizer': 'rmsprop'", origin),
        "/training/optimizer",
        "only the learning_rate may differ");
    refused(
        job("'epochs': 9, 'optimizer': {'type': 'adam', 'beta_1': 0.5}", origin),
        "/training/optimizer",
        "leave 'optimizer' out of initial_weights");
    refused(
        job(adam + ", 'precision': 'float64'", origin),
        "/training/precision",
        "write \"precision\": \"float32\"");
    refused(job(adam + ", 'ema': {'decay': 0.9}", origin), "/training/ema", "leave ema out");
    refused(
        job(adam, origin).replace("'units': 5", "'units': 5, 'trainable': false"),
        "/initial_weights/job",
        "'trainable' must be the same");
    refused(
        job(adam, ", 'initial_weights': {'job': 'nowhere', 'optimizer': true}"),
        "/initial_weights/job",
        "There is no job 'nowhere'");
    refused(
        job(adam, ", 'initial_weights': {'version': 1, 'optimizer': true}"),
        "/initial_weights/optimizer",
        "name the job that trained it");
    refused(
        job(adam, origin.replace("'optimizer'", "'version': 9999, 'optimizer'")),
        "/initial_weights",
        "leave model and version out");

    checkpoints.clear(id(first));

    refused(job(adam, origin), "/initial_weights/job", "leave 'optimizer' out to start from its");
  }

  /** Stopped early, an ensemble may have published the network of one member. */
  @Test
  void anEnsembleDoesNotGoOn() {
    JsonNode first =
        succeeded(
            job(
                "'epochs': 900000, 'time_limit_seconds': 0.5, 'optimizer': 'adam',"
                    + " 'ensemble': {'seeds': 2}",
                ""));
    assertThat(first.get("stop_reason").stringValue()).isEqualTo("time_limit");
    assertThat(checkpoints.latest(id(first))).isEmpty();
    String more = "'epochs': 1000000, 'optimizer': 'adam'";
    refused(job(more, goingOn(first)), "/initial_weights/optimizer", "members of an ensemble");
    succeeded(job("'epochs': 1, 'optimizer': 'adam'", goingOn(first).replace("true", "false")));
  }

  private void refused(String job, String pointer, String sentence) {
    http.post("/v1/jobs", job.replace('\'', '"')).expectFault(pointer, sentence);
  }

  private JsonNode succeeded(String job) {
    JsonNode done = http.train(job.replace('\'', '"'));
    assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("succeeded");
    return done;
  }

  private static String goingOn(JsonNode first) {
    return ", 'initial_weights': {'job': '" + id(first) + "', 'optimizer': true}";
  }

  private static String job(String training, String more) {
    return """
    {'model': {'name': 'going-on', 'inputs': {'x': {'columns': ['a', 'b']}},
               'targets': {'y': {'column': 'y'}},
               'network': {'layers': [
                 {'type': 'dense', 'units': 5, 'activation': 'tanh'},
                 {'type': 'dense', 'units': 1}]}},
     'dataset': {'name': 'going-on', 'split': {'validation': 0.25, 'test': 0.1}},
     'training': {'loss': 'mse', %s}%s}
    """
        .formatted(training, more);
  }

  private static String id(JsonNode job) {
    return job.get("id").stringValue();
  }

  private byte[] weights(JsonNode job) {
    return http.get(
            "/v1/models/going-on/versions/%d/weights"
                .formatted(job.at("/result/version").intValue()))
        .expect(200)
        .bytes();
  }

  private List<JsonNode> epochs(JsonNode job) {
    List<JsonNode> epochs = new ArrayList<>();
    for (JsonNode epoch :
        http.get("/v1/jobs/" + id(job) + "/metrics").expect(200).json().get("epochs")) {
      epochs.add(untimed(epoch));
    }
    return epochs;
  }

  private static JsonNode untimed(JsonNode epoch) {
    return epoch.asObject().without("seconds");
  }
}
