package io.trainyard.predict.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataTypeTest {
  @ParameterizedTest
  @CsvSource({
    "UINT8, 0, 255",
    "UINT16, 0, 65535",
    "UINT32, 0, 4294967295",
    "UINT64, 0, 9223372036854775807",
    "INT8, -128, 127",
    "INT16, -32768, 32767",
    "INT32, -2147483648, 2147483647",
    "INT64, -9223372036854775808, 9223372036854775807"
  })
  void wholeTypesHaveTheirRange(DataType type, long smallest, long largest) {
    assertThat(type.smallest()).isEqualTo(smallest);
    assertThat(type.largest()).isEqualTo(largest);
  }

  private static HostTensor read(DataType type, int elements, String hex) {
    return type.read(Shape.of(elements), MemorySegment.ofArray(HexFormat.of().parseHex(hex)));
  }

  /** Little-endian, as the protocol has it. */
  @Test
  void typesThatHaveNoTensorHereAreWidened() {
    HostTensor shorts = read(DataType.UINT16, 3, "0100" + "ffff" + "0180");
    assertThat(new long[] {shorts.longAt(0), shorts.longAt(1), shorts.longAt(2)})
        .containsExactly(1, 65_535, 32_769);
    HostTensor ints = read(DataType.UINT32, 2, "feffffff" + "02000000");
    assertThat(new long[] {ints.longAt(0), ints.longAt(1)}).containsExactly(4_294_967_294L, 2);
    HostTensor longs = read(DataType.UINT64, 2, "0500000000000000" + "ffffffffffffff7f");
    assertThat(new long[] {longs.longAt(0), longs.longAt(1)}).containsExactly(5, Long.MAX_VALUE);
    HostTensor halves = read(DataType.FP16, 2, "003c" + "00c1");
    assertThat(new double[] {halves.doubleAt(0), halves.doubleAt(1)}).containsExactly(1, -2.5);
  }

  @Test
  void typesThatAreTensorsHereShareTheirBytes() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[] {-1, 2});
    assertThat(DataType.INT8.read(Shape.of(2), bytes).data()).isSameAs(bytes);
    assertThat(DataType.INT8.read(Shape.of(2), bytes).doubleAt(0)).isEqualTo(-1);
  }
}
