package io.trainyard.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which elements of the inputs an embedding looks up. */
class LookupsTest {
  private static String read(String inputs, String layers, String of) {
    ModelSpec model =
        Specs.model(
            "{'name': 'm', 'network': {'inputs': {%s}, 'layers': [%s{'type': 'embedding', 'name': 'e', 'vocabulary': 9, 'dim': 1%s}], 'outputs': ['e']}}"
                .formatted(inputs, layers, of));
    Map<String, Lookups.Elements> found =
        Lookups.of(model.network(), Specs.shapes(model)).byLayer();
    if (found.isEmpty()) {
      return "none";
    }
    Lookups.Elements elements = Objects.requireNonNull(found.get("e"));
    return elements.byInput().entrySet().stream()
            .map(each -> each.getKey() + Arrays.toString(each.getValue()).replace(",", ""))
            .collect(Collectors.joining(" "))
        + (elements.exact() ? "" : " at most");
  }

  /** Of one input [2, 3], whose elements are 0 to 5. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "| x[0 1 2 3 4 5]",
        "{'type': 'slice', 'axis': 0, 'start': 1}, | x[3 4 5]",
        "{'type': 'slice', 'axis': 1, 'start': 1, 'end': 2}, | x[1 4]",
        "{'type': 'slice', 'axis': -1, 'start': -1}, | x[2 5]",
        "{'type': 'slice', 'axis': 1, 'start': -3, 'end': -1}, | x[0 1 3 4]",
        "{'type': 'permute', 'axes': [1, 0]}, {'type': 'slice', 'axis': 0, 'start': 0, 'end': 1}, |"
            + " x[0 3]",
        "{'type': 'permute', 'axes': [1, 0]}, {'type': 'slice', 'axis': 1, 'start': 1}, |"
            + " x[3 4 5]",
        "{'type': 'flatten'}, {'type': 'slice', 'axis': 0, 'start': 4}, | x[4 5]",
        "{'type': 'reshape', 'shape': [3, 2]}, {'type': 'slice', 'axis': 1, 'start': 1}, |"
            + " x[1 3 5]",
        "{'type': 'lambda', 'expression': 'x[1, :2]'}, | x[3 4]",
        "{'type': 'lambda', 'expression': 'x[:, -1]'}, | x[2 5]"
      })
  void layersThatMoveElementsAreFollowed(String layers, String expected) {
    assertThat(read("'x': {'shape': [2, 3]}", layers == null ? "" : layers, ""))
        .isEqualTo(expected);
  }

  @Test
  void elementsOfSeveralInputsAreCountedInEach() {
    String inputs = "'a': {'shape': [2, 2]}, 'b': {'shape': [2, 3]}";
    String joined = "{'type': 'concat', 'name': 'j', 'axis': 1, 'inputs': ['a', 'b']},";
    assertThat(read(inputs, joined, ", 'inputs': ['j']")).isEqualTo("a[0 1 2 3] b[0 1 2 3 4 5]");
    assertThat(
            read(
                inputs,
                joined
                    + "{'type': 'slice', 'name': 's', 'axis': 1, 'start': 1, 'end': 4,"
                    + " 'inputs': ['j']},",
                ", 'inputs': ['s']"))
        .isEqualTo("a[1 3] b[0 1 3 4]");
    assertThat(
            read(
                inputs,
                joined + "{'type': 'slice', 'name': 's', 'axis': 1, 'start': 2, 'inputs': ['j']},",
                ", 'inputs': ['s']"))
        .isEqualTo("b[0 1 2 3 4 5]");
  }

  @Test
  void whatALayerComputesIsNoElement() {
    assertThat(read("'x': {'shape': [3]}", "{'type': 'lambda', 'expression': 'floor(x / 2)'},", ""))
        .isEqualTo("none");
  }
}
