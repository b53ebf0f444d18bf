package io.trainyard.onnx.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.tensor.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read of files, and which are refused before native code sees them. */
class OnnxFileTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/onnx");

  private static OnnxFile read(byte[] bytes) {
    return OnnxFile.read(ByteBuffer.wrap(bytes));
  }

  @ParameterizedTest
  @CsvSource({
    "loop, contains a graph",
    "custom, of the domain 'com.own'",
    "function, functions of its own",
    "random, draws random numbers",
    "external, lie in other files",
    "padded, output_padding"
  })
  void fileIsRefusedForWhatItContains(String name, String fault) throws IOException {
    OnnxFile file = read(Files.readAllBytes(GOLDEN.resolve(name + ".onnx")));
    assertThat(file.faults()).anyMatch(found -> found.contains(fault));
  }

  @Test
  void inputsAndOutputsAreRead() throws IOException {
    OnnxFile file = read(Files.readAllBytes(GOLDEN.resolve("iris.onnx")));
    assertThat(file.faults()).isEmpty();
    assertThat(file.inputs())
        .containsExactly(
            new OnnxFile.Value(
                "X",
                OnnxTypes.FLOAT,
                List.of(new OnnxFile.Axis(-1, ""), new OnnxFile.Axis(4, ""))));
    assertThat(file.outputs()).extracting(OnnxFile.Value::name).contains("label", "probabilities");
    assertThat(file.isProbability("probabilities")).isTrue();
    assertThat(read(Files.readAllBytes(GOLDEN.resolve("mlp.onnx"))).isProbability("out")).isFalse();
    assertThat(file.opset()).isEqualTo(17);
  }

  /** {@code -Dmutated.files=10000} damages each file more often. */
  @Test
  void damagedFilesAreNoFilesOrOthers() throws IOException {
    int count = Integer.getInteger("mutated.files", 300);
    SplittableRandom random = new SplittableRandom(Long.getLong("mutated.seed", 1));
    try (Stream<Path> files = Files.list(GOLDEN)) {
      for (Path path : files.filter(file -> file.toString().endsWith(".onnx")).toList()) {
        byte[] whole = Files.readAllBytes(path);
        for (int i = 0; i < count; i++) {
          byte[] changed = Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
          int flips = random.nextInt(4);
          for (int flip = 0; flip < flips; flip++) {
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
          }
          try {
            var _ = read(changed).faults();
          } catch (FormatException e) {
            assertThat(e.getMessage()).isNotBlank();
          }
        }
      }
    }
  }

  @Test
  void constantCannotClaimMoreThanItsBytes() {
    byte[] model =
        new ProtoWriter()
            .message(
                7,
                new ProtoWriter()
                    .message(
                        5,
                        new ProtoWriter()
                            .integer(1, 1L << 40)
                            .integer(2, OnnxTypes.FLOAT)
                            .text(8, "c")))
            .message(8, new ProtoWriter().integer(2, 17))
            .toBytes();
    assertThatThrownBy(() -> read(model))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("more elements than it has bytes");
    assertThatThrownBy(() -> read("no protobuf".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(FormatException.class);
  }
}
