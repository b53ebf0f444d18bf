package io.trainyard.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.grpc.protocol.InferTensorContents;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.grpc.protocol.ModelInferRequest.InferInputTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import tools.jackson.databind.JsonNode;

/** Many bad cells of one column are one error, which counts them, in every form of a request. */
@ServiceTest
@Timeout(300)
class BadCellsTest {
  private static final List<String> COLUMNS = List.of("age", "kind", "zip");

  /** As JSON, a value that the model takes, and one that it does not. */
  private static final List<String> GOOD = List.of("2.5", "\"b\"", "20");

  private static final List<String> BAD = List.of("null", "\"z\"", "21");

  private static final List<String> TYPES = List.of("FP64", "BYTES", "INT64");

  /** The number of a row in the places of cells, and in the text of one cell. */
  private static final Pattern ROW = Pattern.compile("(?<=/)\\d+(?=/|$)|(?<=Row )\\d+");

  private static final Pattern FAULT =
      Pattern.compile(
          "/(?:inputs|raw_input_contents)/(\\d+): Row (\\d+): [^;]*?"
              + "(?: \\((\\d+) cells have this fault, the first at ([^)]*)\\))?(?:; |$)");

  @Autowired private Http http;
  @Autowired private GrpcServerLifecycle server;

  /** How many cells are bad, and the rows of the first. */
  private record Told(long count, List<Integer> rows) {}

  @BeforeEach
  void train() {
    StringBuilder csv = new StringBuilder("age,kind,zip,y\n");
    for (int i = 0; i < 12; i++) {
      csv.append("%d.5,%s,%d0,%d\n".formatted(i, i % 2 == 0 ? "a" : "b", 1 + i % 3, i));
    }
    http.upload("bad-cells", csv.toString());
    http.delete("/v1/models/bad-cells");
    http.train(
        """
        {"model": {"name": "bad-cells",
           "inputs": {"x": {"columns": ["age", "kind", "zip"],
                            "encode": {"zip": "one_hot"}}},
           "targets": {"y": {"column": "y"}},
           "network": {"layers": [{"type": "dense", "name": "d", "units": 1}]}},
         "dataset": {"name": "bad-cells"},
         "training": {"loss": "mse", "epochs": 1, "seed": 3}}
        """);
  }

  @Test
  void aColumnOfTextsIsOneErrorAndASingleCellIsAsItWas() {
    String rows =
        IntStream.range(0, 500)
            .mapToObj(
                i ->
                    "{\"age\": %s, \"kind\": \"a\", \"zip\": %s}"
                        .formatted(i == 3 ? "4" : "\"t" + i + "\"", i == 400 ? "\"ten\"" : "10"))
            .collect(Collectors.joining(","));
    Http.Answer refused = predict("{\"instances\": [" + rows + "]}");
    assertThat(refused.json().get("detail").stringValue())
        .isEqualTo("A number was expected, got the string 't0' (and 499 more)");
    JsonNode errors = refused.json().get("errors");
    assertThat(errors.toString())
        .isEqualTo(
            "[{\"pointer\":\"/instances/0/age\","
                + "\"detail\":\"A number was expected, got the string 't0'\",\"count\":499,"
                + "\"examples\":[\"/instances/0/age\",\"/instances/1/age\",\"/instances/2/age\","
                + "\"/instances/4/age\",\"/instances/5/age\"]},"
                + "{\"pointer\":\"/instances/400/zip\","
                + "\"detail\":\"A number was expected, got the string 'ten'\"}]");
  }

  @Test
  void unknownColumnsAndMissingCellsAreOneEach() {
    JsonNode errors =
        predict(
                "{\"instances\": [{\"kind\": \"z\", \"zip\": 10, \"of\": 1},"
                    + " {\"kind\": \"a\", \"zip\": 10, \"of\": 1}]}")
            .json()
            .get("errors");
    assertThat(errors.valueStream().map(each -> each.get("pointer").stringValue()))
        .containsExactly("/instances/0/of", "/instances/0/age", "/instances/0/kind");
    assertThat(errors.valueStream().map(each -> each.path("count").asLong(1)))
        .containsExactly(2L, 2L, 1L);
  }

  @Test
  void everyFormTellsTheSameCells() {
    int count = Math.max(3, Integer.getInteger("generated.forms", 30) / 3);
    for (int seed = 0; seed < count; seed++) {
      Random random = new Random(seed);
      int rows = 1 + random.nextInt(700);
      boolean[][] bad = new boolean[COLUMNS.size()][rows];
      for (boolean[] column : bad) {
        double share = random.nextInt(3) * random.nextDouble();
        for (int row = 0; row < rows; row++) {
          column[row] = random.nextDouble() < share * share;
        }
      }
      bad[random.nextInt(COLUMNS.size())][random.nextInt(rows)] = true;
      Map<String, Told> expected = expected(bad);
      String as = "seed " + seed;
      assertThat(ofRows(bad, true)).as(as).isEqualTo(expected);
      assertThat(ofRows(bad, false)).as(as).isEqualTo(expected);
      assertThat(ofColumns(bad)).as(as).isEqualTo(expected);
      assertThat(ofTensors(bad)).as(as).isEqualTo(expected);
      assertThat(called(bad)).as(as).isEqualTo(expected);
    }
  }

  private static Map<String, Told> expected(boolean[][] bad) {
    Map<String, Told> expected = new TreeMap<>();
    for (int column = 0; column < bad.length; column++) {
      boolean[] cells = bad[column];
      int[] rows = IntStream.range(0, cells.length).filter(row -> cells[row]).toArray();
      if (rows.length > 0) {
        List<Integer> first = IntStream.of(rows).limit(5).boxed().toList();
        expected.put(COLUMNS.get(column), new Told(rows.length, first));
      }
    }
    return expected;
  }

  private static String cell(boolean[][] bad, int column, int row) {
    return (bad[column][row] ? BAD : GOOD).get(column);
  }

  private static String column(boolean[][] bad, int column) {
    return IntStream.range(0, bad[column].length)
        .mapToObj(row -> cell(bad, column, row))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private Http.Answer predict(String body) {
    return http.post("/v1/models/bad-cells/predict", body).expect(422);
  }

  private Map<String, Told> ofRows(boolean[][] bad, boolean named) {
    List<String> rows = new ArrayList<>();
    for (int row = 0; row < bad[0].length; row++) {
      List<String> cells = new ArrayList<>();
      for (int column = 0; column < bad.length; column++) {
        String name = named ? "\"" + COLUMNS.get(column) + "\": " : "";
        cells.add(name + cell(bad, column, row));
      }
      String all = String.join(",", cells);
      rows.add(named ? "{" + all + "}" : "[" + all + "]");
    }
    return told(predict("{\"instances\": [" + String.join(",", rows) + "]}"));
  }

  private Map<String, Told> ofColumns(boolean[][] bad) {
    String inputs =
        IntStream.range(0, bad.length)
            .mapToObj(column -> "\"" + COLUMNS.get(column) + "\": " + column(bad, column))
            .collect(Collectors.joining(",", "{\"inputs\": {", "}}"));
    return told(http.post("/v1/models/bad-cells:predict", inputs));
  }

  /** What the list of errors says. */
  private static Map<String, Told> told(Http.Answer refused) {
    Map<String, Told> told = new TreeMap<>();
    for (JsonNode error : refused.json().get("errors")) {
      String pointer = error.get("pointer").stringValue();
      String step = pointer.substring(pointer.lastIndexOf('/') + 1);
      String column = COLUMNS.contains(step) ? step : COLUMNS.get(Integer.parseInt(step));
      List<String> places =
          error.has("examples")
              ? error.get("examples").valueStream().map(JsonNode::stringValue).toList()
              : List.of(pointer + " " + error.get("detail").stringValue());
      told.put(
          column,
          new Told(error.path("count").asLong(1), places.stream().map(BadCellsTest::row).toList()));
    }
    return told;
  }

  private static int row(String place) {
    Matcher row = ROW.matcher(place);
    return row.find() ? Integer.parseInt(row.group()) : Assertions.fail(place);
  }

  private Map<String, Told> ofTensors(boolean[][] bad) {
    String inputs =
        IntStream.range(0, bad.length)
            .mapToObj(
                column ->
                    "{\"name\": \"%s\", \"datatype\": \"%s\", \"shape\": [%d], \"data\": %s}"
                        .formatted(
                            COLUMNS.get(column),
                            TYPES.get(column),
                            bad[column].length,
                            column(bad, column)))
            .collect(Collectors.joining(",", "{\"inputs\": [", "]}"));
    Http.Answer refused = http.post("/v2/models/bad-cells/infer", inputs).expect(400);
    return toldInText(refused.json().get("error").stringValue(), "/inputs/%d/data/");
  }

  /** What a text says, for protocols without a list. */
  private static Map<String, Told> toldInText(String text, String places) {
    Map<String, Told> told = new TreeMap<>();
    Matcher fault = FAULT.matcher(text);
    while (fault.find()) {
      int tensor = Integer.parseInt(fault.group(1));
      String at = places.formatted(tensor);
      List<Integer> rows = new ArrayList<>();
      if (fault.group(3) == null) {
        rows.add(Integer.valueOf(fault.group(2)));
      } else {
        for (String place : fault.group(4).split(", ")) {
          assertThat(place).startsWith(at);
          rows.add(Integer.valueOf(place.substring(at.length())));
        }
      }
      long count = fault.group(3) == null ? 1 : Long.parseLong(fault.group(3));
      told.put(COLUMNS.get(tensor), new Told(count, rows));
    }
    return told;
  }

  private Map<String, Told> called(boolean[][] bad) {
    var request = ModelInferRequest.newBuilder().setModelName("bad-cells");
    for (int column = 0; column < bad.length; column++) {
      InferTensorContents.Builder contents = InferTensorContents.newBuilder();
      for (boolean cell : bad[column]) {
        switch (column) {
          case 0 -> contents.addFp64Contents(cell ? Double.NaN : 2.5);
          case 1 -> contents.addBytesContents(ByteString.copyFromUtf8(cell ? "z" : "b"));
          default -> contents.addInt64Contents(cell ? 21 : 20);
        }
      }
      request.addInputs(
          InferInputTensor.newBuilder()
              .setName(COLUMNS.get(column))
              .setDatatype(TYPES.get(column))
              .addShape(bad[column].length)
              .setContents(contents));
    }
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    try {
      StatusRuntimeException refused =
          Assertions.catchThrowableOfType(
              StatusRuntimeException.class,
              () -> GRPCInferenceServiceGrpc.newBlockingStub(channel).modelInfer(request.build()));
      String text = Objects.requireNonNull(refused.getStatus().getDescription());
      return toldInText(text, "/inputs/%d/contents/");
    } finally {
      channel.shutdownNow();
    }
  }
}
