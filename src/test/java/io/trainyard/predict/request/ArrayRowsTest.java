package io.trainyard.predict.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.TestModels;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** One array as the instances of a model. */
class ArrayRowsTest {
  private static final String NETWORK =
      "{'name':'m','inputs':{'x':{'columns':['a','b']}},'targets':{'y':{'column':'y'}},"
          + "'network':{'layers':[{'type':'dense','name':'o','units':1}]}}";

  /** a becomes (a - 1) / 2; a missing b is 7. */
  private static final LoadedModel COLUMNS =
      TestModels.loaded(
          NETWORK,
          "{'inputs':{'x':{'type':'float32','shape':[2],'columns':["
              + "{'column':'a','type':'number','scale':'standard','impute':'error','offset':1,'span':2},"
              + "{'column':'b','type':'number','scale':'none','impute':{'constant':7},'offset':0,'span':1,'fill':7}"
              + "]}},'targets':{'y':{'output':'o','kind':'class','column':'y','type':'string','classes':['no','yes']}}}");

  private static final LoadedModel TENSORS =
      TestModels.loaded(
          "{'name':'m','network':{'inputs':{'x':{'shape':[3]}},'layers':["
              + "{'type':'dense','units':1}]}}",
          null);

  private static final LoadedModel INDICES =
      TestModels.loaded(
          "{'name':'m','network':{'inputs':{'x':{'shape':[2]}},'layers':["
              + "{'type':'embedding','vocabulary':9,'dim':1}]}}",
          null);

  private static HostTensor array(ElementType type, int rows, int width, double... elements) {
    HostTensor array = HostTensor.allocate(type, Shape.of(rows, width));
    for (int i = 0; i < elements.length; i++) {
      if (type == ElementType.FLOAT64) {
        array.setDouble(i, elements[i]);
      } else {
        array.setFloat(i, (float) elements[i]);
      }
    }
    return array;
  }

  private static HostTensor encode(LoadedModel model, HostTensor array) {
    Map<String, HostTensor> inputs =
        ArrayRows.encode(
            model, array, DataType.of(array.type()), new BitSet(0), TestModels.memory(false));
    return Objects.requireNonNull(inputs.get("x"));
  }

  @Test
  void columnsAreScaledInOrder() {
    HostTensor encoded = encode(COLUMNS, array(ElementType.FLOAT64, 3, 2, 1, 10, 3, 20, 5, 30));
    assertThat(encoded.shape()).isEqualTo(Shape.of(3, 2));
    assertThat(encoded.toFloats()).containsExactly(0, 10, 1, 20, 2, 30);
  }

  @Test
  void aMissingValueIsFilledIn() {
    double none = Double.NaN;
    HostTensor encoded = encode(COLUMNS, array(ElementType.FLOAT64, 3, 2, 1, 10, 3, none, 5, 30));
    assertThat(encoded.toFloats()).containsExactly(0, 10, 1, 7, 2, 30);
    assertThatThrownBy(() -> encode(COLUMNS, array(ElementType.FLOAT64, 2, 2, 1, 2, none, 4)))
        .hasStackTraceContaining("Instance 1: ");
  }

  /** They are encoded block by block. */
  @Test
  void eachOfManyRowsIsEncoded() {
    int rows = 150_000;
    HostTensor array = HostTensor.allocate(ElementType.FLOAT64, Shape.of(rows, 2));
    for (int i = 0; i < rows; i++) {
      array.setDouble(2L * i, 1 + 2.0 * i);
      array.setDouble(2L * i + 1, -i);
    }
    float[] encoded = encode(COLUMNS, array).toFloats();
    for (int i = 0; i < rows; i++) {
      assertThat(encoded[2 * i]).isEqualTo(i);
      assertThat(encoded[2 * i + 1]).isEqualTo(-i);
    }
    array.setDouble(2L * rows - 1, Double.NaN);
    encoded = encode(COLUMNS, array).toFloats();
    assertThat(encoded[2 * rows - 2]).isEqualTo(rows - 1);
    assertThat(encoded[2 * rows - 1]).isEqualTo(7);
  }

  @Test
  void tensorsAreTakenAsTheyAreIfTheyAreFinite() {
    for (ElementType type : new ElementType[] {ElementType.FLOAT32, ElementType.FLOAT64}) {
      HostTensor array = array(type, 2, 3, 1, 2, 3, 4, 5, 6);
      assertThat(encode(TENSORS, array).toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
      assertThatThrownBy(
              () -> encode(TENSORS, array(type, 2, 3, 1, 2, 3, 4, Double.POSITIVE_INFINITY, 6)))
          .hasStackTraceContaining("Row 1 holds Infinity");
    }
    assertThatThrownBy(() -> encode(TENSORS, array(ElementType.FLOAT64, 1, 3, 0, 1e300, 0)))
        .hasStackTraceContaining("Row 0 holds 1.0E300, which is not finite as a 32-bit float");
    assertThatThrownBy(() -> encode(TENSORS, array(ElementType.FLOAT32, 3, 2)))
        .hasStackTraceContaining("Rows of shape [3] were expected, the array is [3, 2]");
  }

  /** They are checked block by block. */
  @Test
  void theFirstNumberThatIsNotFiniteIsTold() {
    HostTensor array = HostTensor.allocate(ElementType.FLOAT32, Shape.of(4_000, 3));
    array.setFloat(3L * 3_999 + 2, 5);
    assertThat(encode(TENSORS, array).toFloats()).hasSize(12_000).endsWith(0, 0, 5);
    array.setFloat(3L * 3_998, Float.NaN);
    array.setFloat(3L * 3_999, Float.NEGATIVE_INFINITY);
    assertThatThrownBy(() -> encode(TENSORS, array)).hasStackTraceContaining("Row 3998 holds NaN");
  }

  @Test
  void indicesAreWholeNumbers() {
    HostTensor encoded = encode(INDICES, array(ElementType.FLOAT64, 2, 2, 1, 8, 0, 3));
    assertThat(encoded.type()).isEqualTo(ElementType.INT64);
    assertThat(new long[] {encoded.longAt(0), encoded.longAt(1), encoded.longAt(3)})
        .containsExactly(1, 8, 3);
    assertThatThrownBy(() -> encode(INDICES, array(ElementType.FLOAT32, 1, 2, 1, 2.5)))
        .hasStackTraceContaining("Whole numbers were expected, the array holds 2.5");
  }
}
