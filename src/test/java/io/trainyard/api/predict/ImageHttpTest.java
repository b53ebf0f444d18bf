package io.trainyard.api.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** Images where nested numbers could stand, and as the whole body. */
@ServiceTest
@Timeout(120)
class ImageHttpTest {
  /** Single precision rounds differently from processor to processor. */
  private static final Offset<Double> ROUNDED = Offset.offset(1e-3);

  @Autowired private Http http;

  /** Each element times its place, counted from 1: the answer shows every pixel's place. */
  private void importPlaces(String model, String inputs, String first, int elements) {
    float[] places = new float[elements];
    for (int i = 0; i < elements; i++) {
      places[i] = i + 1;
    }
    http.importVersion(
        model,
        """
        {"name": "%s", %s "network": {%s "layers": [
          {"type": "flatten"}, {"type": "dense", "name": "d", "units": 1, "bias": false}]}}
        """
            .formatted(model, inputs, first),
        new Weights().with("d.weight", Shape.of(1, elements), places));
  }

  private static byte[] file(String format, int width, int... pixels) throws IOException {
    boolean colors = pixels.length % (3 * width) == 0;
    int height = pixels.length / width / (colors ? 3 : 1);
    BufferedImage image =
        new BufferedImage(
            width, height, colors ? BufferedImage.TYPE_INT_RGB : BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setPixels(0, 0, width, height, pixels);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, format, out);
    return out.toByteArray();
  }

  private static String b64(byte[] file) {
    return "{\"b64\": \"" + Base64.getEncoder().encodeToString(file) + "\"}";
  }

  private Answer instances(String model, String... instances) {
    return http.post(
        "/v1/models/" + model + "/predict",
        "{\"instances\": [" + String.join(", ", instances) + "]}");
  }

  @Test
  void aColumnOfImagesTakesPngInJsonAndAsTheBody() throws Exception {
    importPlaces(
        "gray-images",
        """
        "inputs": {"x": {"column": "image", "shape": [2, 2, 1], "scale": {"divide": 10}}},
        "targets": {"y": {"column": "y"}},\
        """,
        "",
        4);
    byte[] png = file("png", 2, 10, 20, 30, 250);
    String numbers = "{\"image\": [[[10], [20]], [[30], [250]]]}";
    Answer given = instances("gray-images", numbers);
    assertThat(y(given)).isCloseTo(1 + 2 * 2 + 3 * 3 + 4 * 25, ROUNDED);
    String expected = given.text();
    assertThat(instances("gray-images", "{\"image\": " + b64(png) + "}").text())
        .isEqualTo(expected);
    assertThat(instances("gray-images", b64(png)).text()).isEqualTo(expected);
    String path = "/v1/models/gray-images/predict";
    assertThat(http.post(path, "image/png", png).expect(200).text()).isEqualTo(expected);
    // A gray image that is stored with colors is a gray image.
    byte[] rgb = file("png", 2, 10, 10, 10, 20, 20, 20, 30, 30, 30, 250, 250, 250);
    assertThat(http.post(path, "image/png", rgb).expect(200).text()).isEqualTo(expected);
    // A larger image is resized, as in an upload.
    byte[] large = file("png", 4, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9);
    assertThat(y(http.post(path, "image/png", large))).isCloseTo(9, ROUNDED);
    byte[] jpeg = file("jpg", 2, 100, 100, 100, 100);
    Answer ofJpeg = http.post(path, "image/jpeg", jpeg).expect(200);
    assertThat(y(ofJpeg)).isCloseTo(100, ROUNDED);
    assertThat(ofJpeg.text()).isEqualTo(instances("gray-images", b64(jpeg)).text());
  }

  private static double y(Answer answer) {
    return answer.expect(200).json().at("/predictions/0/y").doubleValue();
  }

  @Test
  void channelsGoWhereTheInputHasThem() throws Exception {
    byte[] png = file("png", 2, 1, 2, 3, 4, 5, 6);
    importPlaces("last", "", "\"inputs\": {\"x\": {\"shape\": [1, 2, 3]}},", 6);
    importPlaces("first", "", "\"inputs\": {\"x\": {\"shape\": [3, 1, 2]}},", 6);
    for (String model : new String[] {"last", "first"}) {
      // Row-major: 1 to 6; channels first: 1 4, 2 5, 3 6.
      String sum = model.equals("last") ? "91.0" : "86.0";
      assertThat(instances(model, b64(png)).expect(200).text()).contains(sum);
      assertThat(instances(model, "{\"x\": " + b64(png) + "}").text()).contains(sum);
      assertThat(http.post("/v1/models/" + model + "/predict", "image/png", png).text())
          .contains(sum);
    }
  }

  @Test
  void whatIsNoImageIsRefusedAtItsPlace() throws Exception {
    importPlaces("bare", "", "\"inputs\": {\"x\": {\"shape\": [2, 2]}},", 4);
    importPlaces("long", "", "\"inputs\": {\"x\": {\"shape\": [4]}},", 4);
    importPlaces(
        "image-columns",
        "\"inputs\": {\"x\": {\"column\": \"i\", \"shape\": [2, 2]}}, \"targets\": {\"y\":"
            + " {\"column\": \"y\"}},",
        "",
        4);
    byte[] png = file("png", 2, 1, 2, 3, 4);
    byte[] colors = file("png", 1, 1, 2, 3);
    for (String model : new String[] {"bare", "image-columns"}) {
      String at = model.equals("bare") ? "/instances/1/b64" : "/instances/1/i/b64";
      String open = model.equals("bare") ? "" : "{\"i\": ";
      String close = model.equals("bare") ? "" : "}";
      String good = open + b64(png) + close;
      instances(model, good, open + b64(colors) + close).expectFault(at, "it has colors");
      instances(model, good, open + b64(new byte[9]) + close)
          .expectFault(at, "not a PNG or JPEG image");
      instances(model, good, open + "{\"b64\": \"?\"}" + close).expectFault(at, "in Base64");
      instances(model, good, open + "{\"b64\": \"data:image/png;base64,iVBO\"}" + close)
          .expectFault(at, "without the prefix");
    }
    instances("image-columns", "{\"i\": {\"b64\": \"\", \"x\": 1}}").expect(422);
    instances("bare", "{\"x\": {\"c64\": \"\"}}").expect(422);
    instances("bare", "{\"x\": {\"b64\": 5}}").expectFault("/instances/0/x/b64", "in Base64");
    instances("long", b64(png)).expectFault("/instances/0", "are not images");
    Answer body = http.post("/v1/models/long/predict", "image/png", png);
    body.expectFault("", "reads rows of the shape [4]");
    http.post("/v1/models/bare/predict", "image/png", new byte[9])
        .expectProblem(400, "malformed_body");
  }
}
