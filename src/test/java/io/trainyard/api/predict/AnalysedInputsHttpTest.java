package io.trainyard.api.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Versions of every kind of input are explained, drawn and evaluated, or say why not. */
@ServiceTest
@Timeout(120)
class AnalysedInputsHttpTest {
  private static final String INSTANCE =
      "{'a': 1, 'b': 2, 'm': null, 'color': 'red', 'side': 'l', 'flag': true, 'at': '2026-01-03T05:00:00Z', 't': [1, 2]}";

  @Autowired private Http http;
  @Autowired private JdbcClient jdbc;

  @BeforeEach
  void upload() {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 24; i++) {
      rows.append(
          String.format(
              Locale.ROOT,
              "{\"a\": %d, \"b\": %s, \"m\": %s, \"color\": \"%s\", \"side\": \"%s\", \"flag\": %s,"
                  + " \"at\": \"2026-01-%02dT0%d:00:00Z\", \"t\": [%d, 1], \"y\": %d, \"c\": \"%s\"}%n",
              i,
              i * i % 7 + 0.5,
              i % 3 == 0 ? "null" : "" + i,
              i % 4 == 0 ? "red" : i % 4 == 1 ? "blue" : "grey",
              i % 2 == 0 ? "l" : "r",
              i % 5 == 0,
              i + 1,
              i % 9,
              i % 6,
              3 * i,
              i % 2 == 0 ? "no" : "yes"));
    }
    int status =
        http.post("/v1/datasets?name=analysed", "application/x-ndjson", Http.utf8(rows.toString()))
            .status();
    assertThat(status).isIn(200, 201);
  }

  private static String quoted(String json) {
    return json.replace('\'', '"');
  }

  private void train(String inputs, String layers) {
    train(inputs, layers, "");
  }

  private JsonNode train(String inputs, String layers, String more) {
    http.delete("/v1/models/analysed");
    return http.train(
        quoted(
            """
            {'model': {'name': 'analysed', 'inputs': %s, 'targets': {'y': {'column': 'y'}},
               'network': {'layers': [%s {'type': 'dense', 'units': 1}]}},
             'dataset': {'name': 'analysed'}, 'training': {'loss': 'mse', 'epochs': 1, 'seed': 1%s}}
            """
                .formatted(inputs, layers, more)));
  }

  private Answer predict(String instance, String explain) {
    return http.post(
        "/v1/models/analysed/predict",
        quoted("{'instances': [%s], 'explain': %s}".formatted(instance, explain)));
  }

  private Answer draw(String more) {
    return http.post(
        "/v1/models/analysed/versions/1/plots",
        quoted("{'kind': 'surface', 'x': 'a', 'y': 'b', 'steps': 5%s}".formatted(more)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          'a', 'b'                                                     | 'scale': 'none'
          'a', 'b'                                                     | 'scale': 'minmax'
          'a', 'b'                                                     | 'scale': 'robust'
          'a', 'b'                                                     | 'scale': 'quantile'
          'a', 'b', 'm'                      | 'impute': 'mean', 'missing_indicator': true
          'a', 'b', 'color', 'side', 'flag'                            | 'unknown': 'zeros'
          'a', 'b', {'column': 'at', 'features': ['hour']}             | 'scale': 'standard'
          'a', 'b', {'column': 'at', 'features': ['linear', 'month']}  | 'scale': 'minmax'
          'a', 'b', {'column': 'at', 'features': ['weekday']}          | 'scale': 'none'
          """)
  void aRowIsExplainedAndDrawn(String columns, String more) {
    train("{'x': {'columns': [%s], %s}}".formatted(columns, more), "");
    assertExplained(INSTANCE);
    draw("").expect(200);
    evaluate();
  }

  @Test
  void aWindowIsExplained() {
    train(
        "{'x': {'columns': ['a', {'column': 'at', 'features': ['hour']}], 'window': {'length': 2, 'order_by': 'at'}}}",
        "{'type': 'flatten'},");
    assertExplained("{'a': [1, 2], 'at': ['2026-01-03', '2026-01-04']}");
    draw("").expectFault("", "windows or tensors");
    evaluate();
  }

  private void assertExplained(String instance) {
    for (String explain : new String[] {"{}", "{'baseline': 'mean'}", "{'baseline': 'zeros'}"}) {
      JsonNode answer = predict(instance, explain).expect(200).json();
      assertThat(answer.has("warnings")).as(explain).isFalse();
      JsonNode one = answer.at("/predictions/0");
      double difference = one.get("y").doubleValue() - one.get("baseline_output").doubleValue();
      assertThat(sum(one.get("attributions")))
          .isCloseTo(difference, within(0.01 * Math.abs(difference) + 1e-3));
    }
  }

  private void evaluate() {
    http.post(
            "/v1/models/analysed/versions/1/evaluation",
            quoted(
                "{'dataset': {'name': 'analysed'}, 'slices': ['color', 'at'], 'permutation_importance': {'repeats': 2, 'seed': 1}}"))
        .expect(200);
  }

  private static double sum(JsonNode shares) {
    double sum = shares.isNumber() ? shares.doubleValue() : 0;
    for (JsonNode share : shares) {
      sum += sum(share);
    }
    return sum;
  }

  @Test
  void tensorsAreExplainedAndIndicesSayWhyNot() {
    train("{'x': {'column': 't', 'scale': 'none'}}", "");
    predict(INSTANCE, "{}").expect(200);
    draw("").expectFault("", "windows or tensors");
    evaluate();
    train(
        "{'x': {'columns': ['color'], 'encode': 'index'}}",
        "{'type': 'embedding', 'vocabulary': 'auto', 'dim': 2}, {'type': 'flatten'},");
    predict("{'color': 'red'}", "{}").expectFault("/explain", "embeddings look up");
    draw("").expectFault("/x", "No input reads a column 'a'");
    evaluate();
  }

  /** The mean of the days is 2026-01-12T12:00, that of the hours 3.625. */
  @Test
  void aTimeIsHeldAtItsMean() {
    JsonNode job =
        train(
            "{'x': {'columns': ['a', 'b', {'column': 'at', 'features': ['linear']}], 'scale': {'at': 'minmax'}}}",
            "",
            ", 'diagnostics': [{'frames': {'x': 'a', 'y': 'b', 'steps': 5}}]");
    assertThat(http.job("/v1/jobs/" + job.get("id").stringValue() + "/frames").get("frames"))
        .hasSize(1);
    JsonNode learned = draw("").expect(200).json();
    JsonNode explained = predict(INSTANCE, "{}").json().get("predictions");
    JsonNode fixed = draw(", 'fixed': {'at': '2026-01-12T15:37:30Z'}").expect(200).json();
    assertThat(numbers(learned)).isCloseTo(numbers(fixed), within(0.01));
    assertThat(numbers(draw(", 'fixed': {'at': '2027-01-12'}").expect(200).json()))
        .isNotCloseTo(numbers(fixed), within(0.1));
    draw(", 'fixed': {'at': 7}").expectFault("/fixed/at", "A time such as");
    http.post(
            "/v1/models/analysed/versions/1/plots",
            "{\"kind\": \"surface\", \"x\": \"at\", \"y\": \"b\"}")
        .expectFault("/x", "has times");

    // As an earlier release stored it: its dataset says the same.
    jdbc.sql(
            "update model_versions set provenance = regexp_replace(provenance, '\"table\":.*?[}][}],', '') where provenance like '%\"analysed@%'")
        .update();
    http.put("/v1/models/analysed/aliases/again", "{\"version\": 1}").expect(200);
    assertThat(predict(INSTANCE, "{}").expect(200).json().get("predictions")).isEqualTo(explained);
    assertThat(draw("").expect(200).json()).isEqualTo(learned);
  }

  private static double numbers(JsonNode plot) {
    double sum = 0;
    for (JsonNode row : plot.get("values")) {
      for (JsonNode number : row) {
        sum += number.doubleValue();
      }
    }
    return sum;
  }
}
