package io.trainyard.api.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.tensor.Npy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/**
 * A version trained with gaussian_nll answers the standard deviation of each number in the number's
 * own unit, on every route: √exp(log variance), times the span of the target's scale.
 */
@ServiceTest
@Timeout(120)
class DeviationsHttpTest {
  private static final String ROWS =
      "{\"instances\": [{\"x\": 1.0}, {\"x\": 7.0}], \"outputs\": [\"o\"]}";

  @Autowired private Http http;

  @BeforeEach
  void uploadRows() {
    StringBuilder csv = new StringBuilder("x,price,size\n");
    for (int i = 0; i < 40; i++) {
      csv.append("%s,%s,%s%n".formatted(i / 4.0, 1000 + 50 * i + i % 7, 3 - 0.01 * i * (i % 3)));
    }
    http.upload("deviations", csv.toString());
  }

  private JsonNode train(String model, String target, int units) {
    String job =
        """
        {'model': {'name': '%s', 'inputs': {'x': {'columns': ['x'], 'scale': 'standard'}},
                   'targets': {%s},
                   'network': {'layers': [{'type': 'dropout', 'rate': 0.5}, {'type': 'dense', 'name': 'o', 'units': %d}]}},
         'dataset': {'name': 'deviations'},
         'training': {'loss': 'gaussian_nll', 'epochs': 3, 'seed': 1}}
        """
            .formatted(model, target, units);
    http.train(job.replace('\'', '"'));
    return http.get("/v1/models/" + model + "/versions/1").expect(200).json();
  }

  private JsonNode predict(String model, String body) {
    return http.post("/v1/models/" + model + "/predict", body).expect(200).json();
  }

  @Test
  void aNumberHasItsDeviationOnEveryRoute() {
    JsonNode version = train("deviation", "'price': {'column': 'price', 'scale': 'standard'}", 2);
    double span = version.at("/encoding/targets/price/values/columns/0/span").doubleValue();
    assertThat(span).isGreaterThan(100);
    JsonNode answer = predict("deviation", ROWS);
    JsonNode infer =
        http.post(
                "/v2/models/deviation/infer",
                "{\"inputs\": [{\"name\": \"x\", \"shape\": [2], \"datatype\": \"FP64\", \"data\": [1, 7]}]}")
            .expect(200)
            .json();
    float[] npy =
        Npy.read(
                http.send(
                        "POST",
                        "/v1/models/deviation/predict?output=price_std",
                        Http.utf8("{\"instances\": [{\"x\": 1.0}, {\"x\": 7.0}]}"),
                        "Content-Type",
                        "application/json",
                        "Accept",
                        "application/x-npy")
                    .expect(200)
                    .bytes())
            .toFloats();
    http.await(
        http.post(
                "/v1/batch-predictions",
                "{\"model\": \"deviation\", \"dataset\": {\"name\": \"deviations\"}, \"result\": {\"dataset\": \"deviation-result\"}}")
            .expect(202)
            .location());
    JsonNode batch = http.job("/v1/datasets/deviation-result/versions/latest/rows").get("rows");
    assertThat(http.get("/v2/models/deviation").json().at("/outputs/1").toString())
        .isEqualTo("{\"name\":\"price_std\",\"datatype\":\"FP32\",\"shape\":[-1,1]}");
    for (int row = 0; row < 2; row++) {
      double logVariance = answer.at("/outputs/o").get(row).get(1).doubleValue();
      double expected = Math.sqrt(Math.exp(logVariance)) * span;
      assertThat(answer.at("/predictions").get(row).at("/std/price").doubleValue())
          .isCloseTo(expected, within(1e-5 * expected));
      assertThat(infer.at("/outputs/1/name").stringValue()).isEqualTo("price_std");
      assertThat(infer.at("/outputs/1/data").get(row).doubleValue())
          .isCloseTo(expected, within(1e-5 * expected));
      assertThat(npy[row]).isCloseTo((float) expected, within((float) (1e-5 * expected)));
      JsonNode scored = batch.get(row == 0 ? 4 : 28);
      assertThat(scored.get("predicted_price_std").doubleValue())
          .isCloseTo(expected, within(1e-5 * expected));
    }
    // Dropout masks tell another uncertainty, which stands beside it.
    JsonNode sampled =
        predict(
            "deviation", ROWS.replace("\"outputs\"", "\"samples\": 20, \"seed\": 1, \"outputs\""));
    assertThat(sampled.at("/predictions/0/std")).isEqualTo(answer.at("/predictions/0/std"));
    assertThat(sampled.at("/predictions/0/uncertainty/price/std").doubleValue()).isPositive();
  }

  @Test
  void severalColumnsHaveOneEach() {
    JsonNode version =
        train("deviation-pair", "'y': {'columns': ['price', 'size'], 'scale': 'minmax'}", 4);
    JsonNode answer = predict("deviation-pair", ROWS);
    for (int column = 0; column < 2; column++) {
      JsonNode learned = version.at("/encoding/targets/y/values/columns").get(column);
      double expected =
          Math.exp(answer.at("/outputs/o/1").get(2 + column).doubleValue() / 2)
              * learned.get("span").doubleValue();
      String name = learned.get("column").stringValue();
      assertThat(answer.at("/predictions/1/std/y/" + name).doubleValue())
          .isCloseTo(expected, within(1e-5 * expected));
    }
    assertThat(http.get("/v2/models/deviation-pair").json().at("/outputs/1").toString())
        .isEqualTo("{\"name\":\"y_std\",\"datatype\":\"FP32\",\"shape\":[-1,2]}");
  }

  @Test
  void anAutoencoderHasThemByColumn() {
    train("deviation-auto", "'again': {'input': 'x'}", 2);
    JsonNode prediction = predict("deviation-auto", ROWS).at("/predictions/0");
    assertThat(prediction.at("/again/x").isNumber()).isTrue();
    assertThat(prediction.at("/std/again/x").doubleValue()).isPositive();
  }

  @Test
  void theNameIsReserved() {
    http.post(
            "/v1/models",
            "{\"name\": \"deviation-name\", \"inputs\": {\"x\": {\"columns\": [\"x\"]}}, \"targets\": {\"std\": {\"column\": \"price\"}}, \"network\": {\"layers\": [{\"type\": \"dense\", \"units\": 1}]}}")
        .expectFault("/targets/std", "reserved");
  }
}
