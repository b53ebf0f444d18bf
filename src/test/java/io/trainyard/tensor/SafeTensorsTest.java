package io.trainyard.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTensorsTest {
  @TempDir Path folder;

  @Test
  void writtenTensorsAreReadBack() throws IOException {
    Map<String, HostTensor> weights = new LinkedHashMap<>();
    weights.put("b.weight", HostTensor.ofFloats(Shape.of(2, 3), 1, 2, 3, 4, 5, 6));
    weights.put("b.steps", HostTensor.ofLongs(Shape.SCALAR, 7));
    weights.put("a.empty", HostTensor.ofFloats(Shape.of(0, 4)));
    Path file = folder.resolve("w");
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      SafeTensors.write(weights, out);
    }
    try (SafeTensors read = SafeTensors.open(file)) {
      assertThat(read.tensors().keySet()).containsExactly("b.weight", "b.steps", "a.empty");
      assertThat(read.tensor("b.weight").shape()).isEqualTo(Shape.of(2, 3));
      assertThat(read.tensor("b.weight").toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
      assertThat(read.tensor("b.steps").longAt(0)).isEqualTo(7);
    }
    // The data starts at a multiple of eight bytes.
    assertThat(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getLong(0))
        .satisfies(length -> assertThat((long) length % 8).isZero());
  }

  @Test
  void readsFilesOfTheReferenceImplementation() throws IOException {
    Path file = Path.of("src/test/resources/golden/tensors.safetensors");
    try (SafeTensors read = SafeTensors.open(file)) {
      assertThat(read.tensor("f32").toFloats()).containsExactly(0, 0.5f, 1, 1.5f, 2, 2.5f);
      assertThat(read.tensor("f64").doubleAt(1)).isEqualTo(-1e-300);
      assertThat(read.tensor("i64").longAt(1)).isEqualTo(Long.MIN_VALUE);
      assertThat(read.tensor("i32").doubleAt(0)).isEqualTo(-5);
      assertThat(read.tensor("i16").doubleAt(0)).isEqualTo(-300);
      assertThat(read.tensor("i8").doubleAt(0)).isEqualTo(-8);
      assertThat(read.tensor("u8").doubleAt(0)).isEqualTo(200);
      assertThat(read.tensor("bool").doubleAt(1)).isEqualTo(1);
      assertThat(read.tensor("bool").type()).isEqualTo(ElementType.BOOL);
    }
  }

  @ParameterizedTest(name = "{2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]|0|is not a JSON object",
        "{'a|0|is not JSON",
        "[1}|0|not JSON: ']' was expected, got '}'",
        "{} {}|0|not JSON: there is something after the end",
        "{'a':1}|0|is not described by an object",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'a':{}}|4|is not JSON",
        "{'a':{'dtype':'F99','shape':[1],'data_offsets':[0,4]}}|4|has dtype",
        "{'a':{'shape':[1],'data_offsets':[0,4]}}|4|has dtype",
        "{'a':{'dtype':'F32','data_offsets':[0,4]}}|4|needs a shape",
        "{'a':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}}|4|has an axis of length -1",
        "{'a':{'dtype':'F32','shape':[1.0],'data_offsets':[0,4]}}|4|has an axis of length 1.0",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}}|4|cannot take 4 bytes",
        "{'a':{'dtype':'F32','shape':[65536,65536,65536,65536],'data_offsets':[0,0]}}|0|too many",
        "{'a':{'dtype':'F32','shape':[2147483647,2147483647],'data_offsets':[0,4]}}|4|cannot take",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|3|the file has 3",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|8|the file has 8",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,0]}}|4|ends before it begins",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[-4,0]}}|4|needs data_offsets",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0]}}|4|needs data_offsets",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[99999999999999999999,4]}}|4|needs data_",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'b':{'dtype':'F32','shape':[1],"
            + "'data_offsets':[0,4]}}|4|'b' begins at byte 0",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'b':{'dtype':'F32','shape':[1],"
            + "'data_offsets':[8,12]}}|12|'b' begins at byte 8",
        "{'a':{'a':{'a':{'a':{'a':{'a':{'a':{'a':{'a':1}}}}}}}}}|0|is not JSON",
      })
  void headersThatLieAreRefused(String header, int dataBytes, String fault) throws IOException {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    assertRefused(
        ByteBuffer.allocate(8 + json.length + dataBytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(json.length)
            .put(json)
            .array(),
        fault);
  }

  @Test
  void wrongLengthsAreRefused() throws IOException {
    assertRefused(new byte[0], "starts with 8 bytes");
    assertRefused(new byte[7], "starts with 8 bytes");
    for (long length : new long[] {-1, Long.MIN_VALUE, 0, 1, 3, 1L << 40, Long.MAX_VALUE}) {
      byte[] file =
          ByteBuffer.allocate(10)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(length)
              .put((byte) '{')
              .put((byte) '}')
              .array();
      assertRefused(file, "the header claims to have");
    }
  }

  private void assertRefused(byte[] file, String fault) throws IOException {
    Path path = Files.write(folder.resolve("hostile"), file);
    assertThatThrownBy(() -> SafeTensors.open(path))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(fault);
  }
}
