package io.trainyard.dataset.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Encoding on random tables with random settings. Prediction, with an encoding that was stored and
 * read again, encodes a row to the same bits as training. An encoded row decodes to itself.
 */
@Timeout(240)
class SkewPropertyTest {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int TABLES = 25;

  private final TestPreparation preparation = new TestPreparation();

  static List<Integer> seeds() {
    return IntStream.range(0, TABLES).boxed().toList();
  }

  /** A kind of column and its random cells; null is a missing value. */
  private record Kind(String name, boolean number, Cells cells, boolean gaps) {
    interface Cells {
      String next(Random random);
    }

    @Nullable String cell(Random random) {
      return gaps && random.nextInt(5) == 0 ? null : cells.next(random);
    }
  }

  private static List<Kind> kinds(Random random) {
    List<Kind> kinds = new ArrayList<>();
    int columns = 3 + random.nextInt(6);
    for (int i = 0; i < columns; i++) {
      boolean gaps = random.nextInt(3) == 0;
      kinds.add(
          switch (random.nextInt(7)) {
            case 0 -> new Kind("n" + i, true, r -> Double.toString(r.nextGaussian()), gaps);
            case 1 -> new Kind("far" + i, true, r -> Double.toString(1e7 + r.nextDouble()), gaps);
            case 2 ->
                new Kind(
                    "wide" + i,
                    true,
                    r -> Double.toString(r.nextGaussian() * Math.pow(10, r.nextInt(30) - 15)),
                    gaps);
            case 3 -> new Kind("whole" + i, true, r -> Integer.toString(r.nextInt(100) - 50), gaps);
            case 4 ->
                new Kind("big" + i, true, r -> Long.toString(r.nextLong() >> r.nextInt(40)), gaps);
            case 5 -> new Kind("flag" + i, false, r -> Boolean.toString(r.nextBoolean()), gaps);
            default ->
                new Kind(
                    "word" + i,
                    false,
                    r -> List.of("a", "é", "\uD83D\uDE00", "NULL", " b ").get(r.nextInt(5)),
                    gaps);
          });
    }
    return kinds;
  }

  /** A CSV of random cells, with the columns {@code series}, {@code at} and {@code y}. */
  private static String csv(List<Kind> kinds, int rows, Random random) {
    StringBuilder csv = new StringBuilder("series,at,y");
    kinds.forEach(kind -> csv.append(',').append(kind.name()));
    csv.append('\n');
    for (int row = 0; row < rows; row++) {
      csv.append("s").append(random.nextInt(2)).append(',').append(random.nextInt(1000));
      csv.append(',').append(row);
      for (Kind kind : kinds) {
        String cell = kind.cell(random);
        csv.append(',').append(cell == null ? "" : "\"" + cell + "\"");
      }
      csv.append('\n');
    }
    return csv.toString();
  }

  private static <T> T one(Random random, List<T> items) {
    return items.get(random.nextInt(items.size()));
  }

  /** An input over some columns with random settings. */
  private static ObjectNode input(List<Kind> kinds, @Nullable String window, Random random) {
    ObjectNode input = MAPPER.createObjectNode();
    kinds.forEach(kind -> input.withArrayProperty("columns").add(kind.name()));
    String scale =
        one(random, List.of("none", "standard", "minmax", "unit", "divide", "robust", "quantile"));
    if (scale.equals("divide")) {
      input.putObject("scale").put("divide", 7.5);
    } else {
      input.put("scale", scale);
    }
    String impute = one(random, List.of("mean", "median", "constant"));
    if (impute.equals("constant")) {
      input.putObject("impute").put("constant", random.nextInt(9) - 4);
    } else {
      input.put("impute", impute);
    }
    input.put("unknown", "zeros");
    if (random.nextBoolean()) {
      input.put("missing_indicator", true);
    }
    if (random.nextInt(3) == 0) {
      input.put("encode", "auto");
    }
    if (kinds.stream().allMatch(kind -> !kind.number() && !kind.gaps()) && random.nextBoolean()) {
      input.put("encode", "index").remove("unknown");
    }
    if (window != null) {
      input.set("window", MAPPER.readTree(window));
    }
    return input;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void predictionEncodesARowAsTrainingDoes(int seed) {
    Random random = new Random(seed);
    List<Kind> kinds = kinds(random);
    int rows = 12 + random.nextInt(40);
    DatasetVersion version = preparation.datasets.csv("t" + seed, csv(kinds, rows, random));
    boolean windowed = random.nextInt(3) == 0;
    boolean grouped = windowed && random.nextBoolean();
    boolean ordered = windowed && random.nextBoolean();
    int length = 1 + random.nextInt(3);
    int stride = 1 + random.nextInt(2);
    String window =
        windowed
            ? "{\"length\":%d,\"stride\":%d%s%s}"
                .formatted(
                    length,
                    stride,
                    grouped ? ",\"group\":\"series\"" : "",
                    ordered ? ",\"order_by\":\"at\"" : "")
            : null;
    ObjectNode inputs = MAPPER.createObjectNode();
    int cut = 1 + random.nextInt(kinds.size() - 1);
    inputs.set("x", input(kinds.subList(0, cut), window, random));
    inputs.set("z", input(kinds.subList(cut, kinds.size()), window, random));
    ModelSpec model = model(inputs);
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t" + seed + "\"}")) {
      Encoding stored = Encoding.fromJson(MAPPER.readTree(data.encoding().toJson().toString()));
      List<ObjectNode> all = preparation.datasets.rows(version);
      JsonNode instances =
          windowed ? windows(all, kinds, length, stride, grouped, ordered) : instances(all, kinds);
      assertThat(data.training().rows()).as(inputs.toString()).isEqualTo(instances.size());
      Map<String, HostTensor> encoded = stored.encode(instances, "/instances", 0);
      for (String name : List.of("x", "z")) {
        HostTensor trained = Objects.requireNonNull(data.training().inputs().get(name));
        HostTensor predicted = Objects.requireNonNull(encoded.get(name));
        assertThat(predicted.shape()).isEqualTo(trained.shape());
        assertThat(predicted.data().mismatch(trained.data()))
            .as("the first byte that differs in %s of %s", name, inputs)
            .isEqualTo(-1);
      }
      if (!windowed) {
        assertDecodes(stored, encoded, all, kinds, inputs);
      }
    }
  }

  /** Decodes the encoded rows like the output of a perfect autoencoder. */
  private static void assertDecodes(
      Encoding encoding,
      Map<String, HostTensor> encoded,
      List<ObjectNode> rows,
      List<Kind> kinds,
      JsonNode inputs) {
    for (String name : encoded.keySet()) {
      HostTensor tensor = Objects.requireNonNull(encoded.get(name));
      if (inputs.at("/" + name + "/encode").asString("").equals("index")
          || encoding.input(name).firstNotUndone() != null) {
        continue; // an output cannot equal indices, nor be turned back
      }
      Encoding mirror =
          new Encoding(
              encoding.inputs(), Map.of(name, new TargetEncoding.InputTarget("out", name)));
      JsonNode decoded = Predictions.of(mirror, Map.of("out", tensor), rows.size());
      for (int row = 0; row < rows.size(); row++) {
        for (Kind kind : kinds) {
          JsonNode original = rows.get(row).get(kind.name());
          JsonNode answer = decoded.get(row).get(name).get(kind.name());
          if (answer == null || original.isNull()) {
            continue;
          }
          if (kind.number()) {
            double x = original.doubleValue();
            double spread = spread(rows, kind.name());
            assertThat(answer.doubleValue())
                .as("%s in row %d of %s", kind.name(), row, inputs)
                .isCloseTo(x, within(1e-6 * Math.max(Math.abs(x), spread)));
          } else {
            assertThat(answer).isEqualTo(original);
          }
        }
      }
    }
  }

  private static double spread(List<ObjectNode> rows, String column) {
    double most = 0;
    for (ObjectNode row : rows) {
      most = Math.max(most, Math.abs(row.get(column).asDouble(0)));
    }
    return most;
  }

  private static JsonNode instances(List<ObjectNode> rows, List<Kind> kinds) {
    ArrayNode instances = MAPPER.createArrayNode();
    for (ObjectNode row : rows) {
      ObjectNode instance = instances.addObject();
      kinds.forEach(kind -> instance.set(kind.name(), row.get(kind.name())));
    }
    return instances;
  }

  /** The windows, found by brute force. */
  private static JsonNode windows(
      List<ObjectNode> rows,
      List<Kind> kinds,
      int length,
      int stride,
      boolean grouped,
      boolean ordered) {
    Map<String, List<ObjectNode>> series = new LinkedHashMap<>();
    for (ObjectNode row : rows) {
      String key = grouped ? row.get("series").stringValue() : "";
      series.computeIfAbsent(key, k -> new ArrayList<>()).add(row);
    }
    ArrayNode windows = MAPPER.createArrayNode();
    for (List<ObjectNode> one : series.values()) {
      if (ordered) {
        one.sort(Comparator.comparingLong(row -> row.get("at").longValue()));
      }
      for (int from = 0; from + length <= one.size(); from += stride) {
        ObjectNode instance = windows.addObject();
        for (Kind kind : kinds) {
          ArrayNode values = instance.putArray(kind.name());
          one.subList(from, from + length).forEach(row -> values.add(row.get(kind.name())));
        }
      }
    }
    return windows;
  }

  private static ModelSpec model(ObjectNode inputs) {
    return TestPreparation.model(
        """
        {"name": "m", "inputs": %s, "targets": {"y": {"column": "y"}},
         "network": {"layers": [{"type": "flatten", "name": "a", "inputs": ["x"]},
           {"type": "flatten", "name": "b", "inputs": ["z"]},
           {"type": "concat", "inputs": ["a", "b"]}, {"type": "dense", "units": 1}]}}
        """
            .formatted(inputs));
  }
}
