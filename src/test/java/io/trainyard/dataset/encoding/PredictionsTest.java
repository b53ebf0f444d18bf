package io.trainyard.dataset.encoding;

import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PredictionsTest {
  private final TestPreparation preparation = new TestPreparation();

  private Encoding encoding(String targets) {
    ModelSpec model = model("{\"x\":{\"columns\":[\"x\"]}}", targets);
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
      return data.encoding();
    }
  }

  @Test
  void aClassIsDecodedToItsLabelWithProbabilities() {
    preparation.datasets.csv("t", "x,kind\n1,b\n2,a\n3,b\n");
    Encoding encoding = encoding("{\"kind\":{\"column\":\"kind\"}}");
    HostTensor softmax = HostTensor.ofFloats(Shape.of(2, 2), 0.25f, 0.75f, 0.6f, 0.4f);
    assertThat(Predictions.of(encoding, Map.of("out", softmax), 2).toString())
        .isEqualTo(
            "[{\"kind\":\"b\",\"probabilities\":{\"a\":0.25,\"b\":0.75}},"
                + "{\"kind\":\"a\",\"probabilities\":{\"a\":0.6,\"b\":0.4}}]");
    HostTensor sigmoid = HostTensor.ofFloats(Shape.of(2, 1), 0.5f, 0.25f);
    assertThat(Predictions.of(encoding, Map.of("out", sigmoid), 2).toString())
        .isEqualTo(
            "[{\"kind\":\"b\",\"probabilities\":{\"a\":0.5,\"b\":0.5}},"
                + "{\"kind\":\"a\",\"probabilities\":{\"a\":0.75,\"b\":0.25}}]");
  }

  @Test
  void aNumericLabelIsDecodedToANumber() {
    preparation.datasets.csv("t", "x,digit\n1,10\n2,9\n3,-1\n");
    Encoding encoding = encoding("{\"digit\":{\"column\":\"digit\",\"type\":\"class\"}}");
    HostTensor softmax = HostTensor.ofFloats(Shape.of(1, 3), 0, 0, 1);
    assertThat(Predictions.of(encoding, Map.of("out", softmax), 1).at("/0/digit").toString())
        .isEqualTo("10");
  }

  /** gaussian_nll trains means and, behind them, log variances. */
  @Test
  void ofMeansAndVariancesTheMeansAreDecoded() {
    preparation.datasets.csv("t", "x,y,z\n1,10,0\n2,30,8\n");
    Encoding encoding = encoding("{\"t\":{\"columns\":[\"y\",\"z\"],\"scale\":\"standard\"}}");
    HostTensor output =
        HostTensor.ofFloats(Shape.of(2, 4), 1, -1, 0.5f, 0, 0, 0.5f, -2, (float) Math.log(4));
    assertThat(Predictions.of(encoding, Map.of("out", output), 2).toString())
        .isEqualTo(
            "[{\"t\":{\"y\":30.0,\"z\":0.0},\"std\":{\"t\":{\"y\":12.840254,\"z\":4.0}}},"
                + "{\"t\":{\"y\":20.0,\"z\":6.0},\"std\":{\"t\":{\"y\":3.6787944,\"z\":8.0}}}]");
    float[] inUnits = encoding.inTargetUnits("out", output).toFloats();
    assertThat(inUnits[0]).isEqualTo(30);
    assertThat(inUnits[2]).isCloseTo((float) (0.5 + 2 * Math.log(10)), within(1e-5f));
    assertThat(inUnits[5]).isEqualTo(6);
    assertThat(inUnits[7]).isCloseTo((float) Math.log(4 * 16), within(1e-5f));
  }

  @Test
  void theMeansOfATensorLieBesideItsVariances() {
    preparation.datasets.json("t", "[{\"x\":0,\"y\":[[1,2],[3,4]]},{\"x\":1,\"y\":[[5,6],[7,8]]}]");
    HostTensor y = HostTensor.ofFloats(Shape.of(1, 2, 4), 1, 2, 9, 9, 3, 4, 9, 9);
    assertThat(
            Predictions.of(encoding("{\"y\":{\"column\":\"y\"}}"), Map.of("out", y), 1).toString())
        .isEqualTo(
            "[{\"y\":[[1.0,2.0],[3.0,4.0]],"
                + "\"std\":{\"y\":[[90.01713,90.01713],[90.01713,90.01713]]}}]");
  }

  @Test
  void aTensorKeepsItsShape() {
    preparation.datasets.json("t", "[{\"x\":0,\"y\":[1,2]},{\"x\":1,\"y\":[3,4]}]");
    HostTensor y = HostTensor.ofFloats(Shape.of(1, 2), 1, 2);
    assertThat(
            Predictions.of(encoding("{\"y\":{\"column\":\"y\"}}"), Map.of("out", y), 1).toString())
        .isEqualTo("[{\"y\":[1.0,2.0]}]");
  }
}
