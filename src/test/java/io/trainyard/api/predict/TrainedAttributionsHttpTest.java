package io.trainyard.api.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Attributions of models that were trained here: their mean rows, windows and reconstructions. */
@ServiceTest
@Timeout(120)
class TrainedAttributionsHttpTest {
  @Autowired private Http http;

  private JsonNode predict(String model, String body) {
    return http.post("/v1/models/" + model + "/predict", body.replace('\'', '"'))
        .expect(200)
        .json();
  }

  private static double sum(JsonNode shares) {
    double sum = shares.isNumber() ? shares.doubleValue() : 0;
    for (JsonNode share : shares) {
      sum += sum(share);
    }
    return sum;
  }

  /** A linear net predicts of a mean row the mean of its predictions. */
  @Test
  void theMeanIsThatOfTheTrainingRows() {
    String rows = "a,c,day,y\n1,k,0,1\n3,l,1,4\n8,l,2,2\n";
    http.upload("means", rows);
    train(
        """
        {'model': {'name': 'means', 'inputs': {'x': {'columns': ['a', 'c'], 'scale': 'minmax'}},
                   'targets': {'y': {'column': 'y', 'scale': 'standard'}},
                   'network': {'layers': [{'type': 'dense', 'units': 1}]}},
         'dataset': {'name': 'means'}, 'training': {'loss': 'mse', 'epochs': 3, 'seed': 1}}
        """);

    JsonNode predictions =
        predict(
                "means",
                "{'instances': [{'a': 1, 'c': 'k'}, {'a': 3, 'c': 'l'}, {'a': 8, 'c': 'l'}],"
                    + " 'explain': {}}")
            .get("predictions");
    double mean = 0;
    for (JsonNode prediction : predictions) {
      mean += prediction.get("y").doubleValue() / 3;
      double difference =
          prediction.get("y").doubleValue() - prediction.get("baseline_output").doubleValue();
      assertThat(sum(prediction.get("attributions"))).isCloseTo(difference, within(1e-5));
    }
    assertThat(predictions.at("/0/baseline_output").doubleValue()).isCloseTo(mean, within(1e-5));
    http.delete("/v1/datasets/means/versions/1").expect(204);
    String gone = "{'instances': [{'a': 1, 'c': 'k'}], 'explain': {%s}}";
    http.post("/v1/models/means/predict", gone.formatted("'baseline': 'mean'").replace('\'', '"'))
        .expectFault("/explain/baseline", "The mean of column 'a' is not known");
    JsonNode zeros = predict("means", gone.formatted(""));
    assertThat(zeros.at("/warnings/0/code").stringValue()).isEqualTo("baseline_zeros");
    assertThat(zeros.get("predictions"))
        .isEqualTo(predict("means", gone.formatted("'baseline': 'zeros'")).get("predictions"));
  }

  @Test
  void aReconstructionIsExplainedAndSampledByColumn() {
    http.upload("coded", "a,c\n1,k\n3,l\n8,l\n");
    train(
        """
        {'model': {'name': 'coded', 'inputs': {'x': {'columns': ['a', 'c'], 'scale': 'standard'}},
                   'targets': {'again': {'input': 'x'}},
                   'network': {'layers': [{'type': 'dense', 'units': 8}, {'type': 'dropout', 'rate': 0.5},
                                          {'type': 'dense', 'units': 3}]}},
         'dataset': {'name': 'coded'}, 'training': {'loss': 'mse', 'epochs': 1, 'seed': 1}}
        """);

    String instances = "{'instances': [{'a': 3, 'c': 'k'}], ";
    http.post(
            "/v1/models/coded/predict",
            (instances + "'explain': {'class': 'c'}}").replace('\'', '"'))
        .expectFault("/explain/class", "One of [a] was expected, got 'c'");
    JsonNode one =
        predict("coded", instances + "'samples': 20, 'explain': {'class': 'a'}}")
            .at("/predictions/0");
    double difference = one.at("/again/a").doubleValue() - one.get("baseline_output").doubleValue();
    assertThat(sum(one.get("attributions")))
        .isCloseTo(difference, within(0.01 * Math.abs(difference) + 1e-4));
    assertThat(one.at("/attributions").propertyNames()).containsExactly("a", "c");
    assertThat(one.at("/uncertainty/again/std/a").doubleValue()).isPositive();
    assertThat(one.at("/uncertainty/again/mean/c").propertyNames()).containsExactly("k", "l");
  }

  @Test
  void aColumnOfAWindowHasAShareForEachStep() {
    http.upload("steps-of", "x\n1\n3\n8\n2\n5\n");
    train(
        """
        {'model': {'name': 'steps-of', 'inputs': {'x': {'columns': ['x'], 'window': 3, 'scale': 'standard'}},
                   'targets': {'next': {'column': 'x', 'offset': 1}},
                   'network': {'layers': [{'type': 'gru', 'units': 4}, {'type': 'dense', 'units': 1}]}},
         'dataset': {'name': 'steps-of'}, 'training': {'loss': 'mse', 'epochs': 1, 'seed': 1}}
        """);

    JsonNode one =
        predict("steps-of", "{'instances': [{'x': [1, 3, 8]}], 'explain': 'integrated_gradients'}")
            .at("/predictions/0");
    assertThat(one.at("/attributions/x")).hasSize(3);
    double difference = one.get("next").doubleValue() - one.get("baseline_output").doubleValue();
    assertThat(sum(one.get("attributions")))
        .isCloseTo(difference, within(0.01 * Math.abs(difference) + 1e-4));
  }

  private void train(String job) {
    JsonNode trained = http.train(job.replace('\'', '"'));
    assertThat(trained.get("state").stringValue()).as(trained.toString()).isEqualTo("succeeded");
  }
}
