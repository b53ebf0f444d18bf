package io.trainyard.onnx.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ForeignNetworks;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.onnx.OnnxImport;
import io.trainyard.onnx.format.RandomOnnxFile;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.Signature;
import io.trainyard.spec.layer.LayerCost;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Files that are drawn operator by operator, with random attributes and rows. {@code
 * -Dgenerated.files=10000} draws many. What the rules of operators admit may end the checker only
 * where rows decide it.
 */
@Tag("service")
class RandomFilesTest {
  private static final int FILES = Integer.getInteger("generated.files", 150);
  private static final long SEED = Long.getLong("generated.seed", 1);

  /**
   * What no reading of a file can rule out: whole numbers that are divided by a row's own values,
   * and coefficients for rows whose width only the run shows.
   */
  private static final List<String> MAY_DIE =
      List.of("Div", "Mod", "LinearRegressor", "LinearClassifier", "SVMRegressor", "SVMClassifier");

  /** A run that ends in time was none that hangs. */
  private static final long MOST_NANOS = 20_000_000_000L;

  @TempDir private Path folder;

  @Test
  @Timeout(3_600)
  void drawnFilesReachNoProcessButTheirOwn() throws Exception {
    List<String> deaths = new CopyOnWriteArrayList<>();
    HostFiles files = new HostFiles(folder);
    OnnxImport imports = new OnnxImport(1 << 20);
    Map<String, Integer> ends = new TreeMap<>();
    List<String> died = new ArrayList<>();
    try (Checker checker = HostFiles.checker(folder, Clock.systemUTC(), deaths::add)) {
      for (int i = 0; i < FILES; i++) {
        RandomOnnxFile drawn = new RandomOnnxFile(SEED * 1_000_003 + i);
        Path file = Files.write(folder.resolve("drawn.onnx"), drawn.draw());
        long start = System.nanoTime();
        String end = end(checker, imports, file, files, i);
        assertThat(System.nanoTime() - start).as(drawn.words()).isLessThan(MOST_NANOS);
        ends.merge(end, 1, Integer::sum);
        if (end.equals("died")) {
          died.add(drawn.words());
        }
      }
    }
    assertThat(died).as("%s", ends).allMatch(words -> MAY_DIE.stream().anyMatch(words::contains));
    assertThat(ends).containsKeys("answered", "refused by the rules", "refused by ONNX Runtime");
  }

  private static String end(
      Checker checker, OnnxImport imports, Path file, HostFiles files, int number) {
    ForeignNetworks.Network network;
    try {
      network = imports.read(file, JsonNodeFactory.instance.objectNode());
    } catch (ServiceException e) {
      return e.detail().contains("its operator") ? "refused by the rules" : "refused";
    }
    Map<String, LayerShape> layers = new LinkedHashMap<>();
    for (JsonNode layer : network.json().path("layers")) {
      List<Integer> dims = new ArrayList<>();
      layer.path("shape").forEach(dim -> dims.add(dim.intValue()));
      Shape row = new Shape(dims);
      layers.put(
          layer.path("name").stringValue(),
          new LayerShape(List.of(row), row, List.of(), "", new LayerCost(0, 0, 0, 0)));
    }
    Map<String, Shape> inputs = new LinkedHashMap<>();
    network.inputs().forEach((name, tensor) -> inputs.put(name, tensor.shape()));
    HostFiles.Stored stored = files.stored(file);
    Runnable compute =
        () -> {
          try (LoadedNetwork loaded =
              checker.load(stored.version(), new NetworkShapes(inputs, Set.of(), layers), file)) {
            for (int rows : new int[] {1, 3}) {
              Map<String, HostTensor> given = new LinkedHashMap<>();
              network
                  .inputs()
                  .forEach((name, tensor) -> given.put(name, rows(tensor, rows, number)));
              var _ = loaded.forward(given, List.copyOf(layers.keySet()), () -> false);
            }
          }
        };
    Identity caller = Identity.nobody().from("file " + number); // no caller crashes it twice
    try {
      return caller.call(
          () -> {
            checker.check("", 0, () -> false, compute);
            return "answered";
          });
    } catch (ServiceException e) {
      return e.code() == ErrorCode.WORKER_CRASHED ? "died" : "refused by ONNX Runtime";
    }
  }

  private static HostTensor rows(Signature.Tensor tensor, int rows, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    HostTensor values = HostTensor.allocate(tensor.type(), tensor.shape().batched(rows));
    for (long i = 0; i < values.shape().elements(); i++) {
      if (tensor.type() == ElementType.INT64) {
        values.setLong(i, random.nextInt(-2, 4));
      } else {
        values.setFloat(i, (float) random.nextGaussian());
      }
    }
    return values;
  }
}
