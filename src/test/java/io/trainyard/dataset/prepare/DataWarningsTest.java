package io.trainyard.dataset.prepare;

import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.trainyard.dataset.Hint;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.check.Warning;
import java.util.List;
import org.junit.jupiter.api.Test;

class DataWarningsTest {
  private final TestPreparation preparation = new TestPreparation();

  @Test
  void aColumnThatEqualsTheTargetDrawsAWarning() {
    preparation.datasets.csv(
        "t",
        "a,y,copy,one\n1,5,5,k\n2,6,6,k\n3,8,8,k\n",
        List.of(
            new Hint(Hint.CONSTANT, List.of("one"), "'one' is constant"),
            new Hint(Hint.DUPLICATES, List.of("y", "copy"), "'y' equals 'copy'")));
    ModelSpec model =
        model("{\"x\":{\"columns\":[\"a\",\"copy\",\"one\",\"y\"]}}", "{\"y\":{\"column\":\"y\"}}");
    assertThat(preparation.plan(model, "{\"name\":\"t\"}").warnings())
        .extracting(Warning::code)
        .containsExactly("target_is_input", "constant_column", "leaks_target");
  }

  @Test
  void wordsThatNoColumnOrNotEveryColumnUsesDrawWarnings() {
    preparation.datasets.csv("t", "zip,s,y\n10,a,1\n20,b,2\n");
    assertThat(warnings("\"columns\":[\"zip\",\"s\"],\"encode\":\"one_hot\""))
        .containsExactly("encode_ignored");
    assertThat(warnings("\"columns\":[\"zip\"],\"encode\":\"index\",\"scale\":\"unit\""))
        .containsExactly("encode_ignored");
    assertThat(warnings("\"columns\":[\"zip\"],\"encode\":\"index\"")).isEmpty();
    assertThat(warnings("\"columns\":[\"zip\",\"s\"],\"encode\":{\"zip\":\"one_hot\"}")).isEmpty();
    assertThat(warnings("\"columns\":[\"s\"],\"impute\":\"mean\""))
        .containsExactly("impute_ignored");
    assertThat(warnings("\"columns\":[\"zip\",\"s\"],\"impute\":\"mean\"")).isEmpty();
  }

  private List<String> warnings(String input) {
    ModelSpec model = model("{\"x\":{" + input + "}}", "{\"y\":{\"column\":\"y\"}}");
    return preparation.plan(model, "{\"name\":\"t\"}").warnings().stream()
        .map(Warning::code)
        .toList();
  }

  @Test
  void aColumnThatRelabelsOrScalesTheTargetDrawsAWarning() {
    preparation.datasets.csv(
        "t",
        "a,kelvin,celsius,label,code\n1,274.15,1,yes,0\n2,275.15,2,no,1\n",
        List.of(
            new Hint(Hint.STRAIGHT, List.of("kelvin", "celsius"), ""),
            new Hint(Hint.ONE_TO_ONE, List.of("label", "code"), "")));
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"a\",\"kelvin\",\"code\"]}}",
            "{\"celsius\":{\"column\":\"celsius\"},\"label\":{\"column\":\"label\"}}",
            "celsius",
            "label");
    assertThat(preparation.plan(model, "{\"name\":\"t\"}").warnings())
        .extracting(Warning::code, warning -> warning.detail().split(": it reveals", 2)[0])
        .containsExactlyInAnyOrder(
            tuple(
                "leaks_target",
                "Column 'kelvin' is a linear function of the target column 'celsius'"),
            tuple("leaks_target", "Column 'code' is the target column 'label' with other labels"));
  }
}
