package io.trainyard.engine.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.engine.Golden;
import io.trainyard.engine.TestEngine;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.Specs;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class InitializersTest {
  private static final int OUT = 300;
  private static final int IN = 200;

  private static float[] draw(InitializerSpec initializer, long seed, int... shape) {
    WeightSpec weight =
        new WeightSpec(
            "l.weight", ElementType.FLOAT32, Shape.of(shape), true, initializer, IN, OUT);
    Map<String, HostTensor> drawn =
        TestEngine.get().threads().call(1, () -> Initializers.draw(List.of(weight), seed));
    return Objects.requireNonNull(drawn.get("l.weight")).toFloats();
  }

  /** Initializer, standard deviation and largest absolute value. */
  static List<Arguments> distributions() {
    double glorot = 2.0 / (IN + OUT);
    double he = 2.0 / IN;
    double lecun = 1.0 / IN;
    return List.of(
        Arguments.of(new InitializerSpec.Glorot(true), Math.sqrt(glorot), Math.sqrt(3 * glorot)),
        Arguments.of(new InitializerSpec.Glorot(false), Math.sqrt(glorot), Double.MAX_VALUE),
        Arguments.of(new InitializerSpec.He(true), Math.sqrt(he), Math.sqrt(3 * he)),
        Arguments.of(new InitializerSpec.He(false), Math.sqrt(he), Double.MAX_VALUE),
        Arguments.of(new InitializerSpec.Lecun(true), Math.sqrt(lecun), Math.sqrt(3 * lecun)),
        Arguments.of(new InitializerSpec.Lecun(false), Math.sqrt(lecun), Double.MAX_VALUE),
        Arguments.of(new InitializerSpec.Uniform(-0.3, 0.3), 0.3 / Math.sqrt(3), 0.3),
        Arguments.of(new InitializerSpec.Normal(0, 0.2), 0.2, Double.MAX_VALUE),
        // cut at two standard deviations, a normal distribution keeps 0.8796 of its own
        Arguments.of(new InitializerSpec.TruncatedNormal(0, 0.5), 0.5 * 0.8796, 1.0),
        Arguments.of(new InitializerSpec.Torch(), 1 / Math.sqrt(3.0 * IN), 1 / Math.sqrt(IN)));
  }

  @ParameterizedTest
  @MethodSource("distributions")
  void spreadMatchesTheFormula(InitializerSpec initializer, double deviation, double largest) {
    float[] drawn = draw(initializer, 1, OUT, IN);
    double sum = 0;
    double squares = 0;
    double most = 0;
    for (float w : drawn) {
      sum += w;
      squares += (double) w * w;
      most = Math.max(most, Math.abs(w));
    }
    double mean = sum / drawn.length;
    assertThat(mean).isCloseTo(0, within(4 * deviation / Math.sqrt(drawn.length)));
    assertThat(Math.sqrt(squares / drawn.length - mean * mean))
        .isCloseTo(deviation, within(0.015 * deviation));
    assertThat(most).isLessThanOrEqualTo(largest * (1 + 1e-6));
  }

  @Test
  void orthogonalColumnsHaveLengthGainAndProductZero() {
    float[] w = draw(new InitializerSpec.Orthogonal(2), 1, 40, 10);
    for (int a = 0; a < 10; a++) {
      for (int b = 0; b < 10; b++) {
        double dot = 0;
        for (int row = 0; row < 40; row++) {
          dot += (double) w[row * 10 + a] * w[row * 10 + b];
        }
        assertThat(dot).isCloseTo(a == b ? 4 : 0, within(1e-5));
      }
    }
  }

  @Test
  void nguyenWidrowRowsHaveLengthBeta() {
    float[] w = draw(new InitializerSpec.NguyenWidrow(), 1, OUT, IN);
    double length = 0;
    for (int i = 0; i < IN; i++) {
      length += (double) w[i] * w[i];
    }
    double expected = 0.7 * Math.pow(OUT, 1.0 / IN);
    assertThat(Math.sqrt(length)).isCloseTo(expected, within(1e-5));
    float most = 0;
    for (float b : draw(new InitializerSpec.NguyenWidrow(), 1, OUT)) {
      most = Math.max(most, Math.abs(b));
    }
    assertThat((double) most).isBetween(0.9 * expected, expected);
  }

  @Test
  void theForgetGateBiasStartsAtOne() {
    assertThat(draw(new InitializerSpec.ForgetGate(), 1, 8))
        .containsExactly(0, 0, 1, 1, 0, 0, 0, 0);
    assertThat(draw(new InitializerSpec.Constant(0.5), 1, 2)).containsExactly(0.5f, 0.5f);
  }

  @Test
  void weightsDependOnTheSeedAlone() {
    InitializerSpec glorot = new InitializerSpec.Glorot(true);
    assertThat(draw(glorot, 7, 5, 5)).isEqualTo(draw(glorot, 7, 5, 5));
    assertThat(draw(glorot, 7, 5, 5)).isNotEqualTo(draw(glorot, 8, 5, 5));
  }

  /** A uniform distribution: 4 layers of 256 and 768 numbers give its spread within 5 %. */
  @Test
  void attentionStartsAsPyTorchHasIt() {
    JsonNode golden = Golden.read("initializers.json").path("attention");
    ModelSpec model =
        Specs.network(
            "[3, 16]",
            "{\"type\": \"multi_head_attention\", \"name\": \"a\", \"heads\": 4, \"key_dim\": 4,"
                + " \"initializer\": \"torch\"}");
    List<WeightSpec> weights =
        Objects.requireNonNull(Specs.shapes(model).layers().get("a")).weights();
    for (WeightSpec weight : weights) {
      JsonNode expected = golden.path(weight.name().substring(2));
      double squares = 0;
      double most = 0;
      long count = 0;
      for (long seed = 1; seed <= 8; seed++) {
        long own = seed;
        Map<String, HostTensor> drawn =
            TestEngine.get().threads().call(1, () -> Initializers.draw(List.of(weight), own));
        for (float w : Objects.requireNonNull(drawn.get(weight.name())).toFloats()) {
          squares += (double) w * w;
          most = Math.max(most, Math.abs(w));
          count++;
        }
      }
      double deviation = expected.get("std").doubleValue();
      assertThat(Math.sqrt(squares / count))
          .as(weight.name())
          .isCloseTo(deviation, within(0.05 * deviation));
      double largest = expected.get("largest").doubleValue();
      assertThat(most).as(weight.name()).isBetween(0.95 * largest, 1.001 * largest);
    }
  }
}
