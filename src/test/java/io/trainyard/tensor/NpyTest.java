package io.trainyard.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/npy");

  @ParameterizedTest
  @CsvSource({
    "le_f2, FLOAT32",
    "le_f4, FLOAT32",
    "be_f4, FLOAT32",
    "le_f8, FLOAT64",
    "be_f8, FLOAT64",
    "i1, INT8",
    "le_i2, INT16",
    "be_i2, INT16",
    "le_i4, INT32",
    "be_i4, INT32",
    "le_i8, INT64",
    "be_i8, INT64",
    "u1, UINT8",
    "le_u2, INT32",
    "be_u2, INT32",
    "le_u4, INT64",
    "le_u8, INT64"
  })
  void everyNumericTypeOfNumpyIsRead(String file, ElementType type) throws IOException {
    HostTensor tensor = read(file);
    assertThat(tensor.type()).isEqualTo(type);
    assertThat(tensor.shape()).isEqualTo(Shape.of(2, 3));
    assertThat(IntStream.range(0, 6).mapToDouble(tensor::doubleAt))
        .containsExactly(0.0, 1.0, 2.0, 3.0, 4.0, 5.0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"le_f4", "be_i2", "le_u4", "fortran"})
  void rowsCanBeReadBlockByBlock(String file) throws IOException {
    HostTensor whole = read(file);
    NpyRows rows =
        Npy.open(MemorySegment.ofArray(Files.readAllBytes(GOLDEN.resolve(file + ".npy"))));
    assertThat(rows.shape()).isEqualTo(whole.shape());
    try (Arena arena = Arena.ofConfined()) {
      HostTensor second = rows.read(1, 1, arena);
      assertThat(second.shape()).isEqualTo(whole.shape().row().batched(1));
      assertThat(second.data().mismatch(whole.rows(1, 1).data())).isEqualTo(-1);
    }
  }

  @Test
  void otherShapesAndVersionsAreRead() throws IOException {
    assertThat(read("b1").doubleAt(3)).isEqualTo(1);
    assertThat(read("scalar").shape()).isEqualTo(Shape.SCALAR);
    assertThat(read("scalar").floatAt(0)).isEqualTo(2.5f);
    assertThat(read("empty").shape()).isEqualTo(Shape.of(0, 3));
    assertThat(read("version2").toFloats()).containsExactly(0, 1, 2);
    assertThat(read("version3").toFloats()).containsExactly(0, 1, 2);
    HostTensor fortran = read("fortran");
    assertThat(fortran.shape()).isEqualTo(Shape.of(2, 3, 4));
    assertThat(IntStream.range(0, 24).mapToDouble(fortran::doubleAt))
        .containsExactly(IntStream.range(0, 24).asDoubleStream().boxed().toArray(Double[]::new));
  }

  @Test
  void filesAreThoseThatNumpyWrites() throws IOException {
    for (String file : new String[] {"le_f4", "le_f8", "le_i8", "i1", "u1", "scalar", "empty"}) {
      byte[] golden = Files.readAllBytes(GOLDEN.resolve(file + ".npy"));
      HostTensor tensor = Npy.read(golden);
      byte[] written = Npy.write(tensor);
      assertThat(Npy.read(written).data().mismatch(tensor.data())).isEqualTo(-1);
      assertThat(written).as(file).isEqualTo(golden);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (65536, 65536, 65536, 65536)}",
        "{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<U3', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'shape': (1,)}",
        "__import__('os').system('true')",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
      })
  void headersThatLieAreRefused(String header) {
    byte[] file = file(header, 4);
    assertThatThrownBy(() -> Npy.read(file)).isInstanceOf(FormatException.class);
  }

  @Test
  void brokenFilesAreRefused() throws IOException {
    byte[] golden = Files.readAllBytes(GOLDEN.resolve("le_f4.npy"));
    for (int length = 0; length < golden.length; length++) {
      byte[] cut = Arrays.copyOf(golden, length);
      assertThatThrownBy(() -> Npy.read(cut)).isInstanceOf(FormatException.class);
    }
    byte[] longer = Arrays.copyOf(golden, golden.length + 1);
    assertThatThrownBy(() -> Npy.read(longer)).isInstanceOf(FormatException.class);
    byte[] other = golden.clone();
    other[6] = 9;
    assertThatThrownBy(() -> Npy.read(other)).isInstanceOf(FormatException.class);
  }

  @Test
  void aLongHeaderIsRefusedQuickly() {
    byte[] file = file("{" + "'descr': '<f4', ".repeat(3000) + "}", 4);
    assertThatThrownBy(() -> Npy.read(file)).isInstanceOf(FormatException.class);
  }

  private static HostTensor read(String file) throws IOException {
    return Npy.read(Files.readAllBytes(GOLDEN.resolve(file + ".npy")));
  }

  private static byte[] file(String header, int dataBytes) {
    byte[] text = header.getBytes(StandardCharsets.US_ASCII);
    byte[] file = new byte[10 + text.length + dataBytes];
    System.arraycopy(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}, 0, file, 0, 8);
    file[8] = (byte) text.length;
    file[9] = (byte) (text.length >> 8);
    System.arraycopy(text, 0, file, 10, text.length);
    return file;
  }
}
