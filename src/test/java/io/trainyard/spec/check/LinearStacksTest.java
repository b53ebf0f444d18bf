package io.trainyard.spec.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.Specs;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The formulas are those of W2·(W1·x + b1) + b2, by hand. */
class LinearStacksTest {
  private static final String FIRST = "{'type': 'dense', 'name': 'd1', 'units': 8}";
  private static final String SECOND = "{'type': 'dense', 'name': 'd2', 'units': 3}";
  private static final String PLAIN =
      "one dense layer in place of both computes the same (W = W2·W1, b = W2·b1 + b2). Give 'd1'";

  @Test
  void twoLayersAreOneWithTheBiasesThatThereAre() {
    assertThat(warnings("[4]", FIRST, SECOND)).singleElement().asString().contains(PLAIN);
    String first = FIRST.replace("8", "8, 'bias': false");
    String second = SECOND.replace("3", "3, 'bias': false");
    assertThat(warnings("[4]", first, SECOND)).singleElement().asString().contains("2·W1, b = b2)");
    assertThat(warnings("[4]", FIRST, second))
        .singleElement()
        .asString()
        .contains("(W = W2·W1, b = W2·b1)");
    assertThat(warnings("[4]", first, second)).singleElement().asString().contains("(W = W2·W1).");
  }

  @Test
  void layersThatChangeNothingAreLookedThrough() {
    for (String between :
        List.of(
            "{'type': 'activation', 'function': 'linear'}",
            "{'type': 'flatten'}",
            "{'type': 'reshape', 'shape': [1, 8]}")) {
      assertThat(warnings("[4]", FIRST, between, SECOND))
          .as(between)
          .singleElement()
          .asString()
          .startsWith("'d1' and 'd2'")
          .contains(PLAIN);
    }
    assertThat(warnings("[2, 4]", FIRST, SECOND)).singleElement().asString().contains(PLAIN);
  }

  @Test
  void joinedRowsHaveNoShortFormula() {
    // Flattened, W2 meets a copy of W1 for each of the two rows.
    assertThat(warnings("[2, 4]", FIRST, "{'type': 'flatten'}", SECOND))
        .singleElement()
        .asString()
        .contains(": one dense layer in place of both computes the same. Give");
    assertThat(warnings("[2, 4]", FIRST, "{'type': 'reshape', 'shape': [16]}", SECOND))
        .singleElement()
        .asString()
        .contains(": one dense layer in place of both computes the same. Give");
    assertThat(warnings("[4]", FIRST, "{'type': 'reshape', 'shape': [4, 2]}", SECOND)).isEmpty();
  }

  @Test
  void whatIsLinearOnlyAtPredictionIsSaidToBe() {
    for (String between : List.of("{'type': 'dropout', 'rate': 0.5}", "{'type': 'batch_norm'}")) {
      assertThat(warnings("[4]", FIRST, between, SECOND))
          .as(between)
          .singleElement()
          .asString()
          .contains(": at prediction one dense layer in place of both computes the same. Give");
    }
  }

  @Test
  void nonlinearSharedOrBranchingLayersDrawNoWarning() {
    assertThat(warnings("[4]", FIRST, "{'type': 'layer_norm'}", SECOND)).isEmpty();
    assertThat(warnings("[4]", FIRST, "{'type': 'prelu'}", SECOND)).isEmpty();
    assertThat(warnings("[8]", FIRST, "{'type': 'dense', 'units': 8, 'share': 'd1', 'name': 'd2'}"))
        .isEmpty();
    assertThat(
            warnings(
                "[4]",
                FIRST,
                "{'type': 'dense', 'name': 'd2', 'units': 8}",
                "{'type': 'add', 'inputs': ['d1', 'd2']}"))
        .isEmpty();
    assertThat(
            warnings(
                "[4]",
                FIRST,
                "{'type': 'flatten', 'name': 'f'}",
                SECOND,
                "{'type': 'concat', 'inputs': ['f', 'd2']}"))
        .isEmpty();
  }

  private static List<String> warnings(String shape, String... layers) {
    ModelSpec model = Specs.network(shape, layers);
    Map<String, Shape> inputs = model.network().inputs();
    TrainingCheck check =
        new TrainingCheck(model, Specs.shapes(model, inputs), Map.of(), null, "/model", "");
    return check.warnings().stream()
        .filter(warning -> warning.code().equals("linear_stack"))
        .map(Warning::detail)
        .toList();
  }
}
