package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The same images as NPY, as PNG files and as CSV train the same small CNN. */
@ScenarioTest
@Timeout(180)
class ImagesTest {
  private static final int ROWS = 200;
  private static final int SIDE = 8;
  private static final int PIXELS = SIDE * SIDE;

  @Autowired private Http http;

  /** Bright above for class 0, bright below for class 1. */
  private final byte[] pixels = new byte[ROWS * PIXELS];

  @Test
  void oneCnnTrainsFromEveryFormatOfItsImages() throws IOException {
    Random random = new Random(3);
    for (int i = 0; i < pixels.length; i++) {
      boolean above = i % PIXELS < PIXELS / 2;
      boolean bright = above == (i / PIXELS % 2 == 0);
      pixels[i] = (byte) (random.nextInt(100) + (bright ? 120 : 0));
    }
    new Multipart()
        .file("image", "image.npy", Npy.write(array(Shape.of(ROWS, SIDE, SIDE), pixels)))
        .file("label", "label.npy", Npy.write(array(Shape.of(ROWS), labels())))
        .post(http, "/v1/datasets?name=faces-npy")
        .expect(201);
    http.post("/v1/datasets?name=faces-png", "application/zip", archive()).expect(201);
    http.upload("faces-csv", csv());

    JsonNode npy = train("npy", "{\"column\": \"image\"");
    JsonNode png = train("png", "{\"column\": \"image\"");
    JsonNode csv = train("csv", "{\"columns\": " + columns());
    assertThat(npy.at("/metrics/accuracy").doubleValue()).isGreaterThan(0.95);
    // The archive is sorted by folder, so its rows come in another order.
    assertThat(png.at("/metrics/accuracy").doubleValue()).isGreaterThan(0.95);
    assertThat(csv.at("/metrics/loss")).isEqualTo(Http.given(npy.at("/metrics/loss")));

    String answer =
        http.post("/v1/models/faces-png/predict", "image/png", png(1)).expect(200).text();
    assertThat(answer).contains("\"y\":\"1\"");
    String same = http.post("/v1/models/faces-npy/predict", "image/png", png(1)).expect(200).text();
    assertThat(same).contains("\"y\":1,");
  }

  private JsonNode train(String format, String input) {
    return http.train(
        """
        {"model": {"name": "faces-%1$s",
           "inputs": {"x": %2$s, "shape": [8, 8, 1], "scale": {"divide": 255}}},
           "targets": {"y": {"column": "label", "type": "class"}},
           "network": {"layers": [
             {"type": "conv2d", "filters": 4, "kernel_size": 3, "activation": "relu"},
             {"type": "max_pool2d", "pool_size": 2}, {"type": "flatten"},
             {"type": "dense", "units": 2, "activation": "softmax"}]}},
         "dataset": {"name": "faces-%1$s"},
         "training": {"loss": "categorical_crossentropy", "epochs": 20, "batch_size": 20, "seed": 1,
           "metrics": ["accuracy"], "optimizer": {"type": "adam", "learning_rate": 0.01}}}
        """
            .formatted(format, input));
  }

  private static byte[] labels() {
    byte[] labels = new byte[ROWS];
    for (int row = 0; row < ROWS; row++) {
      labels[row] = (byte) (row % 2);
    }
    return labels;
  }

  private static HostTensor array(Shape shape, byte[] elements) {
    HostTensor array = HostTensor.allocate(ElementType.UINT8, shape);
    array.data().copyFrom(MemorySegment.ofArray(elements));
    return array;
  }

  private byte[] png(int row) throws IOException {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < PIXELS; i++) {
      image.getRaster().setSample(i % SIDE, i / SIDE, 0, pixels[row * PIXELS + i] & 0xff);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private byte[] archive() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (int row = 0; row < ROWS; row++) {
        zip.putNextEntry(new ZipEntry("%d/%03d.png".formatted(row % 2, row)));
        zip.write(png(row));
      }
    }
    return out.toByteArray();
  }

  private static String columns() {
    StringBuilder names = new StringBuilder("[");
    for (int i = 0; i < PIXELS; i++) {
      names.append(i == 0 ? "" : ", ").append("\"p").append(i).append('"');
    }
    return names.append(']').toString();
  }

  private String csv() {
    StringBuilder csv = new StringBuilder();
    for (int i = 0; i < PIXELS; i++) {
      csv.append('p').append(i).append(',');
    }
    csv.append("label\n");
    for (int row = 0; row < ROWS; row++) {
      for (int i = 0; i < PIXELS; i++) {
        csv.append(pixels[row * PIXELS + i] & 0xff).append(',');
      }
      csv.append(row % 2).append('\n');
    }
    return csv.toString();
  }
}
