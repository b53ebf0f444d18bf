package io.trainyard.dataset.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.prepare.DataPlan;
import io.trainyard.dataset.prepare.DatasetPlanner;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.SpecReader;
import io.trainyard.store.dataset.TestDatasets;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class EncodingTest {
  private static final JsonMapper MAPPER = new JsonMapper();

  @TempDir Path folder;
  TestDatasets datasets;
  DatasetPlanner planner;

  @BeforeEach
  void open() {
    datasets = new TestDatasets(folder);
    planner = new DatasetPlanner(datasets.store(), datasets.store());
  }

  @AfterEach
  void close() {
    datasets.close();
  }

  /** A model with a dense layer for each output, reading the given inputs. */
  private static ModelSpec model(String inputs, String targets, String... outputs) {
    StringBuilder layers = new StringBuilder();
    List<String> read = List.copyOf(MAPPER.readTree(inputs).propertyNames());
    int next = 0;
    for (String output : outputs.length == 0 ? new String[] {"out"} : outputs) {
      layers
          .append(layers.isEmpty() ? "" : ",")
          .append(
              "{\"type\":\"dense\",\"units\":2,\"name\":\"%s\",\"inputs\":[\"%s\"]}"
                  .formatted(output, read.get(next++ % read.size())));
    }
    String names = outputs.length == 0 ? "\"out\"" : "\"" + String.join("\",\"", outputs) + "\"";
    String json =
        "{\"name\":\"m\",\"inputs\":%s,\"targets\":%s,\"network\":{\"layers\":[%s],\"outputs\":[%s]}}"
            .formatted(inputs, targets, layers, names);
    Violations violations = new Violations();
    ModelSpec model = SpecReader.model(MAPPER.readTree(json), "/model", violations);
    assertThat(violations.list()).isEmpty();
    return Objects.requireNonNull(model);
  }

  private static DatasetSelection selection(String json) {
    Violations violations = new Violations();
    DatasetSelection selection =
        DatasetSelection.read(MAPPER.readTree(json), "/dataset", violations);
    assertThat(violations.list()).isEmpty();
    return Objects.requireNonNull(selection);
  }

  private PreparedData prepare(ModelSpec model, String selection) {
    return planner.prepare(model, selection(selection), null, 7, () -> false);
  }

  private List<Violation> faults(ModelSpec model, String selection) {
    Violations violations = new Violations();
    assertThat(planner.plan(model, "/model", selection(selection), "/dataset", null, violations))
        .isNull();
    return violations.list();
  }

  @Test
  void scalingImputingAndCategoriesAreThoseOfScikitLearn() throws IOException {
    JsonNode golden;
    try (InputStream in = EncodingTest.class.getResourceAsStream("/golden/encodings.json")) {
      golden = MAPPER.readTree(in);
    }
    datasets.csv("mixed", golden.get("csv").stringValue());
    int training = golden.get("training").intValue();
    for (JsonNode expected : golden.get("cases")) {
      ModelSpec model =
          model(
              "{\"x\":{\"columns\":[\"gaps\",\"far\",\"wide\",\"whole\",\"color\",\"flag\"],\"scale\":%s,\"impute\":%s,\"unknown\":\"zeros\"}}"
                  .formatted(expected.get("scale"), expected.get("impute")),
              "{\"y\":{\"column\":\"whole\"}}");
      try (PreparedData data =
          prepare(
              model,
              "{\"name\":\"mixed\",\"split\":{\"validation\":0.25,\"by\":\"file_order\"}}")) {
        assertThat(data.training().rows()).isEqualTo(training);
        JsonNode rows = expected.get("encoded");
        for (int row = 0; row < rows.size(); row++) {
          Subset part = row < training ? data.training() : data.validation();
          HostTensor x = Objects.requireNonNull(part.inputs().get("x"));
          int width = rows.get(row).size();
          assertThat(x.shape().row()).isEqualTo(Shape.of(width));
          for (int i = 0; i < width; i++) {
            int at = (row < training ? row : row - training) * width + i;
            assertThat((double) x.floatAt(at))
                .as("%s row %d feature %d", expected.get("scale"), row, i)
                .isCloseTo(rows.get(row).get(i).doubleValue(), within(1e-6));
          }
        }
        float[] unseen =
            Objects.requireNonNull(
                    data.encoding().encode(golden.get("unseen"), "/instances").get("x"))
                .toFloats();
        int at = 0;
        for (JsonNode row : expected.get("unseen")) {
          for (JsonNode element : row) {
            assertThat((double) unseen[at])
                .as("%s unseen element %d", expected.get("scale"), at)
                .isCloseTo(
                    element.doubleValue(),
                    within(1e-6 * Math.max(1, Math.abs(element.doubleValue()))));
            at++;
          }
        }
      }
    }
  }

  @Test
  void predictionEncodesAsTrainingDoesAndDecodingGivesTheRowsBack() {
    DatasetVersion version =
        datasets.csv(
            "t",
            """
            a,b,color,ok,n
            1.5,100,red,true,10
            2.5,300,blue,false,20
            -4,200,green,true,40
            8,700,red,false,80
            """);
    for (String scale :
        List.of("\"none\"", "\"standard\"", "\"minmax\"", "\"unit\"", "{\"divide\":255}")) {
      ModelSpec model =
          model(
              "{\"x\":{\"columns\":[\"a\",\"b\",\"color\",\"ok\"],\"scale\":%s}}".formatted(scale),
              ("{\"same\":{\"input\":\"x\",\"output\":\"o1\"},\"n\":{\"column\":\"n\",\"scale\":%s,"
                      + "\"output\":\"o2\"},\"both\":{\"columns\":[\"a\",\"b\"],\"scale\":%s,"
                      + "\"output\":\"o3\"}}")
                  .formatted(scale, scale),
              "o1",
              "o2",
              "o3");
      try (PreparedData data = prepare(model, "{\"name\":\"t\"}")) {
        Encoding stored = Encoding.fromJson(MAPPER.readTree(data.encoding().toJson().toString()));
        assertThat(stored.toJson()).isEqualTo(data.encoding().toJson());
        JsonNode rows = MAPPER.valueToTree(datasets.store().rows(version, 0, 10));
        Map<String, HostTensor> encoded = stored.encode(rows, "/instances");
        Subset part = data.training();
        HostTensor x = Objects.requireNonNull(part.inputs().get("x"));
        assertThat(Objects.requireNonNull(encoded.get("x")).toFloats()).isEqualTo(x.toFloats());
        JsonNode decoded =
            stored.decode(
                Map.of(
                    "o1", x,
                    "o2", Objects.requireNonNull(part.targets().get("n")),
                    "o3", Objects.requireNonNull(part.targets().get("both"))),
                4);
        for (int row = 0; row < 4; row++) {
          JsonNode answer = decoded.get(row);
          JsonNode original = rows.get(row);
          assertThat(answer.get("n").doubleValue())
              .isCloseTo(original.get("n").doubleValue(), within(1e-4));
          for (String column : List.of("a", "b")) {
            assertThat(answer.get("same").get(column).doubleValue())
                .isCloseTo(original.get(column).doubleValue(), within(1e-4));
            assertThat(answer.get("both").get(column).doubleValue())
                .isCloseTo(original.get(column).doubleValue(), within(1e-4));
          }
          assertThat(answer.get("same").get("color")).isEqualTo(original.get("color"));
          assertThat(answer.get("same").get("ok")).isEqualTo(original.get("ok"));
        }
      }
    }
  }

  @Test
  void aConstantColumnScalesToZeroAndComesBack() {
    datasets.csv("t", "c,y\n7.3,1\n7.3,2\n7.3,3\n");
    for (String scale : List.of("standard", "minmax", "unit")) {
      ModelSpec model =
          model(
              "{\"x\":{\"columns\":[\"c\"],\"scale\":\"%s\"}}".formatted(scale),
              "{\"c\":{\"input\":\"x\"}}");
      try (PreparedData data = prepare(model, "{\"name\":\"t\"}")) {
        HostTensor x = Objects.requireNonNull(data.training().inputs().get("x"));
        assertThat(x.toFloats()).containsExactly(0, 0, 0);
        assertThat(data.encoding().decode(Map.of("out", x), 1).at("/0/c/c").doubleValue())
            .isEqualTo(7.3);
      }
    }
  }

  @Test
  void classesAreSortedLabelledAndAnsweredWithProbabilities() {
    datasets.csv("t", "x,kind,digit\n1,b,10\n2,a,9\n3,b,-1\n");
    ModelSpec model = model("{\"x\":{\"columns\":[\"x\"]}}", "{\"kind\":{\"column\":\"kind\"}}");
    try (PreparedData data = prepare(model, "{\"name\":\"t\"}")) {
      assertThat(Objects.requireNonNull(data.training().targets().get("kind")).toLongs())
          .containsExactly(1, 0, 1);
      HostTensor softmax = HostTensor.ofFloats(Shape.of(2, 2), 0.25f, 0.75f, 0.6f, 0.4f);
      assertThat(data.encoding().decode(Map.of("out", softmax), 2).toString())
          .isEqualTo(
              "[{\"kind\":\"b\",\"probabilities\":{\"a\":0.25,\"b\":0.75}},"
                  + "{\"kind\":\"a\",\"probabilities\":{\"a\":0.6,\"b\":0.4}}]");
      HostTensor sigmoid = HostTensor.ofFloats(Shape.of(2, 1), 0.5f, 0.25f);
      assertThat(data.encoding().decode(Map.of("out", sigmoid), 2).toString())
          .isEqualTo(
              "[{\"kind\":\"b\",\"probabilities\":{\"a\":0.5,\"b\":0.5}},"
                  + "{\"kind\":\"a\",\"probabilities\":{\"a\":0.75,\"b\":0.25}}]");
    }
    ModelSpec digits =
        model(
            "{\"x\":{\"columns\":[\"x\"]}}",
            "{\"digit\":{\"column\":\"digit\",\"type\":\"class\"}}");
    try (PreparedData data = prepare(digits, "{\"name\":\"t\"}")) {
      assertThat(Objects.requireNonNull(data.training().targets().get("digit")).toLongs())
          .as("whole numbers are sorted by size")
          .containsExactly(2, 1, 0);
      HostTensor softmax = HostTensor.ofFloats(Shape.of(1, 3), 0, 0, 1);
      assertThat(data.encoding().decode(Map.of("out", softmax), 1).at("/0/digit").toString())
          .isEqualTo("10");
    }
    ModelSpec given =
        model(
            "{\"x\":{\"columns\":[\"x\"]}}",
            "{\"kind\":{\"column\":\"kind\",\"classes\":[\"b\",\"a\",\"c\"]}}");
    try (PreparedData data = prepare(given, "{\"name\":\"t\"}")) {
      assertThat(Objects.requireNonNull(data.training().targets().get("kind")).toLongs())
          .containsExactly(0, 1, 0);
    }
  }

  @Test
  void indicesAndWholeNumbersStayIntegers() {
    datasets.csv("t", "id,word,y\n9007199254740993,b,1\n2,a,2\n");
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"id\",\"word\"],\"encode\":\"index\"}}",
            "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data = prepare(model, "{\"name\":\"t\"}")) {
      HostTensor x = Objects.requireNonNull(data.training().inputs().get("x"));
      assertThat(x.type()).isEqualTo(ElementType.INT64);
      assertThat(x.toLongs()).containsExactly(9007199254740993L, 1, 2, 0);
    }
  }

  @Test
  void tensorsKeepTheirShape() {
    DatasetVersion version =
        datasets.json(
            "t", "[{\"x\":[[0,255],[51,102]],\"y\":[1,2]},{\"x\":[[0,0],[0,0]],\"y\":[3,4]}]");
    ModelSpec model =
        model(
            "{\"x\":{\"column\":\"x\",\"shape\":[2,2],\"scale\":{\"divide\":255}}}",
            "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data = prepare(model, "{\"name\":\"t\"}")) {
      HostTensor x = Objects.requireNonNull(data.training().inputs().get("x"));
      assertThat(x.shape()).isEqualTo(Shape.of(2, 2, 2));
      assertThat(x.toFloats()).containsExactly(0, 1, 0.2f, 0.4f, 0, 0, 0, 0);
      HostTensor y = Objects.requireNonNull(data.training().targets().get("y"));
      assertThat(y.shape()).isEqualTo(Shape.of(2, 2));
      assertThat(data.encoding().decode(Map.of("out", y), 1).toString())
          .isEqualTo("[{\"y\":[1.0,2.0]}]");
      JsonNode rows = MAPPER.valueToTree(datasets.store().rows(version, 0, 2));
      assertThat(Objects.requireNonNull(data.encoding().encode(rows, "").get("x")).toFloats())
          .isEqualTo(x.toFloats());
      ServiceException ragged =
          catchThrowableOfType(
              ServiceException.class,
              () -> data.encoding().encode(MAPPER.readTree("[{\"x\":[[1,2],[3]]}]"), "/instances"));
      assertThat(ragged.violations().getFirst().pointer()).isEqualTo("/instances/0/x/1");
    }
  }

  @Test
  void aBadInstanceIsNamedByPointer() {
    datasets.csv("t", "a,color,y\n1,red,1\n2,blue,2\n");
    ModelSpec model =
        model("{\"x\":{\"columns\":[\"a\",\"color\"]}}", "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data = prepare(model, "{\"name\":\"t\"}")) {
      Encoding encoding = data.encoding();
      ServiceException refusal =
          catchThrowableOfType(
              ServiceException.class,
              () ->
                  encoding.encode(
                      MAPPER.readTree(
                          """
                          [{"a": 1, "color": "red", "y": 3},
                           {"a": "1", "color": "red"},
                           {"color": "red"},
                           {"a": null, "color": 3, "z~/": 1},
                           7]\
                          """),
                      "/instances"));
      assertThat(refusal.violations().stream().map(Violation::pointer))
          .containsExactlyInAnyOrder(
              "/instances/1/a",
              "/instances/2/a",
              "/instances/3/a",
              "/instances/3/color",
              "/instances/3/z~0~1",
              "/instances/4");
      ServiceException unknown =
          catchThrowableOfType(
              ServiceException.class,
              () ->
                  encoding.encode(
                      MAPPER.readTree("[{\"a\":1e39,\"color\":\"pink\"}]"), "/instances"));
      assertThat(unknown.violations())
          .extracting(Violation::pointer, Violation::detail)
          .satisfiesExactlyInAnyOrder(
              v -> assertThat(v.toList().toString()).contains("/instances/0/a", "32-bit float"),
              v -> assertThat(v.toList().toString()).contains("/color", "'pink' is not among"));
      assertThatThrownBy(() -> encoding.encode(MAPPER.readTree("{}"), "/instances"))
          .isInstanceOf(ServiceException.class);
    }
  }

  @Test
  void unknownCategoriesCanBeZerosAndMissingNumbersImputed() {
    datasets.csv("t", "a,color,y\n1,red,1\n,blue,2\n4,blue,3\n");
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"a\",\"color\"],\"impute\":\"mean\",\"unknown\":\"zeros\"}}",
            "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data = prepare(model, "{\"name\":\"t\"}")) {
      HostTensor x =
          Objects.requireNonNull(
              data.encoding()
                  .encode(MAPPER.readTree("[{\"color\":\"pink\"},{\"a\":null}]"), "")
                  .get("x"));
      assertThat(x.toFloats()).containsExactly(2.5f, 0, 0, 2.5f, 0, 0);
    }
  }

  @Test
  void starTakesEveryColumnThatNothingElseUses() {
    datasets.csv("t", "a,y,b,c\n1,2,3,4\n5,6,7,8\n");
    ModelSpec model =
        model(
            "{\"rest\":{\"columns\":\"*\"},\"one\":{\"columns\":[\"b\"]}}",
            "{\"y\":{\"column\":\"y\",\"output\":\"o1\"}}",
            "o1",
            "o2");
    try (PreparedData data = prepare(model, "{\"name\":\"t\"}")) {
      assertThat(Objects.requireNonNull(data.training().inputs().get("rest")).toFloats())
          .containsExactly(1, 4, 5, 8);
    }
  }

  @Test
  void whatDoesNotFitIsRefusedAtItsPlace() {
    datasets.csv("t", "a,b,s,at,one\n1,,x,2026-01-01,k\n2,5,y,2026-01-02,k\n3,6,z,2026-01-03,k\n");
    String y = "{\"a\":{\"column\":\"a\"}}";
    assertFault(
        model("{\"x\":{\"columns\":[\"a\",\"q\"]}}", y),
        "/model/inputs/x/columns/1",
        "no column 'q'");
    assertFault(
        model("{\"x\":{\"columns\":[\"q\"]}}", y), "/model/inputs/x/columns/0", "no column 'q'");
    assertFault(model("{\"x\":{\"column\":\"q\"}}", y), "/model/inputs/x/column", "no column 'q'");
    assertFault(
        model("{\"x\":{\"columns\":[\"a\",\"b\"]}}", y),
        "/model/inputs/x/columns/1",
        "no value in 1 rows");
    assertFault(
        model("{\"x\":{\"columns\":[\"at\"]}}", y), "/model/inputs/x/columns/0", "timestamps");
    assertFault(model("{\"x\":{\"columns\":\"*\"}}", y), "/model/inputs/x/columns", "timestamps");
    assertFault(
        model("{\"x\":{\"columns\":[\"a\"]}}", "{\"y\":{\"columns\":[\"nope\"]}}"),
        "/model/targets/y/columns/0",
        "no column 'nope'");
    assertFault(
        model("{\"x\":{\"columns\":[\"a\"],\"shape\":[3]}}", y),
        "/model/inputs/x/shape",
        "holds 3 elements");
    assertFault(
        model("{\"x\":{\"columns\":[\"a\"]}}", "{\"y\":{\"column\":\"nope\"}}"),
        "/model/targets/y/column",
        "no column 'nope'");
    assertFault(
        model("{\"x\":{\"columns\":[\"a\"]}}", "{\"y\":{\"column\":\"b\"}}"),
        "/model/targets/y/column",
        "without its target");
    assertFault(
        model("{\"x\":{\"columns\":[\"a\"]}}", "{\"y\":{\"column\":\"one\"}}"),
        "/model/targets/y",
        "one label only");
    assertFault(
        model(
            "{\"x\":{\"columns\":[\"a\"]}}",
            "{\"y\":{\"column\":\"s\",\"classes\":[\"x\",\"y\"]}}"),
        "/model/targets/y/classes",
        "not listed: z");
    assertFault(
        model("{\"x\":{\"columns\":[\"a\"]}}", "{\"y\":{\"column\":\"s\",\"type\":\"number\"}}"),
        "/model/targets/y/column",
        "numbers were expected");
    ModelSpec good = model("{\"x\":{\"columns\":[\"a\"]}}", y);
    assertThat(faults(good, "{\"name\":\"nobody\"}").getFirst().pointer())
        .isEqualTo("/dataset/name");
    assertThat(faults(good, "{\"name\":\"t\",\"version\":9}").getFirst().pointer())
        .isEqualTo("/dataset/version");
    assertThat(faults(good, "{\"name\":\"t\",\"split\":{\"validation\":0.1}}").getFirst().pointer())
        .isEqualTo("/dataset/split/validation");
    assertThat(
            faults(good, "{\"name\":\"t\",\"split\":{\"validation\":0.3,\"stratify\":\"q\"}}")
                .getFirst()
                .pointer())
        .isEqualTo("/dataset/split/stratify");
  }

  private void assertFault(ModelSpec model, String pointer, String detail) {
    assertThat(faults(model, "{\"name\":\"t\"}"))
        .anySatisfy(
            violation -> {
              assertThat(violation.pointer()).isEqualTo(pointer);
              assertThat(violation.detail()).contains(detail);
            });
  }

  @Test
  void aConditionSelectsRowsAndTheirCategories() {
    datasets.csv("t", "a,s,y\n1,x,1\n2,y,2\n3,z,3\n,x,4\n");
    ModelSpec model = model("{\"x\":{\"columns\":[\"a\",\"s\"]}}", "{\"y\":{\"column\":\"y\"}}");
    String where =
        "{\"name\":\"t\",\"where\":\"a BETWEEN 1 AND 2.5 AND s IN ('x', 'y') OR NOT (a IS NULL) AND"
            + " s LIKE 'y%'\"}";
    try (PreparedData data = prepare(model, where)) {
      assertThat(Objects.requireNonNull(data.training().inputs().get("x")).toFloats())
          .containsExactly(1, 1, 0, 2, 0, 1);
    }
    for (String bad :
        List.of(
            "a >",
            "a = (SELECT 1)",
            "read_text('/etc/passwd') = ''",
            "a > 1) UNION SELECT (1",
            "a > 1); SELECT (1",
            "nope = 1",
            "s > 3",
            "random() < 0.5",
            "a = 1 --")) {
      ServiceException refusal =
          catchThrowableOfType(
              ServiceException.class,
              () ->
                  planner.plan(
                      model,
                      "/model",
                      selection("{\"name\":\"t\",\"where\":\"" + bad + "\"}"),
                      "/dataset",
                      null,
                      new Violations()));
      if (bad.endsWith("--")) {
        continue; // a comment at the end is harmless
      }
      assertThat(refusal).as(bad).isNotNull();
      assertThat(refusal.violations().getFirst().pointer()).isEqualTo("/dataset/where");
    }
  }

  @Test
  void anotherDataSetCanValidate() {
    datasets.csv("t", "a,s\n1,x\n3,y\n");
    datasets.csv("v", "s,a\nz,5\n");
    ModelSpec model =
        model("{\"x\":{\"columns\":[\"a\"],\"scale\":\"unit\"}}", "{\"s\":{\"column\":\"s\"}}");
    try (PreparedData data =
        prepare(model, "{\"name\":\"t\",\"validation_dataset\":{\"name\":\"v\"}}")) {
      assertThat(data.training().rows()).isEqualTo(2);
      assertThat(Objects.requireNonNull(data.validation().inputs().get("x")).toFloats())
          .containsExactly(2);
      assertThat(Objects.requireNonNull(data.validation().targets().get("s")).toLongs())
          .containsExactly(2);
    }
  }

  @Test
  void aKeptEncodingIsTakenOver() {
    datasets.csv("t", "a,s\n1,x\n3,y\n");
    datasets.csv("u", "a,s\n10,y\n30,y\n");
    ModelSpec model =
        model("{\"x\":{\"columns\":[\"a\"],\"scale\":\"unit\"}}", "{\"s\":{\"column\":\"s\"}}");
    Encoding kept;
    try (PreparedData data = prepare(model, "{\"name\":\"t\"}")) {
      kept = data.encoding();
    }
    try (PreparedData data =
        planner.prepare(model, selection("{\"name\":\"u\"}"), kept, 1, () -> false)) {
      assertThat(Objects.requireNonNull(data.training().inputs().get("x")).toFloats())
          .containsExactly(4.5f, 14.5f);
      assertThat(Objects.requireNonNull(data.training().targets().get("s")).toLongs())
          .containsExactly(1, 1);
    }
  }

  @Test
  void preparingCanBeCancelled() {
    datasets.csv("t", "a,y\n1,1\n2,2\n");
    ModelSpec model = model("{\"x\":{\"columns\":[\"a\"]}}", "{\"y\":{\"column\":\"y\"}}");
    assertThatThrownBy(
            () -> planner.prepare(model, selection("{\"name\":\"t\"}"), null, 1, () -> true))
        .isInstanceOf(CancellationException.class);
  }

  @Test
  void aColumnThatGivesTheAnswerAwayDrawsAWarning() {
    datasets.csv("t", "a,y,copy,one\n1,5,5,k\n2,6,6,k\n3,8,8,k\n");
    ModelSpec model =
        model("{\"x\":{\"columns\":[\"a\",\"copy\",\"one\",\"y\"]}}", "{\"y\":{\"column\":\"y\"}}");
    DataPlan plan =
        planner.plan(
            model, "/model", selection("{\"name\":\"t\"}"), "/dataset", null, new Violations());
    assertThat(Objects.requireNonNull(plan).warnings())
        .extracting(io.trainyard.spec.check.Warning::code)
        .containsExactly("target_is_input", "constant_column", "leaks_target");
  }

  @Test
  void aColumnThatNamesTheTargetOrLiesOnALineWithItGivesItAway() {
    StringBuilder csv = new StringBuilder("a,kelvin,celsius,label,code\n");
    for (int i = 0; i < 40; i++) {
      csv.append(i * 37 % 40).append(',').append(i * i + 273.15).append(',').append(i * i);
      csv.append(',').append(i % 2 == 0 ? "yes" : "no").append(',').append(i % 2).append('\n');
    }
    datasets.csv("t", csv.toString());
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"a\",\"kelvin\",\"code\"]}}",
            "{\"celsius\":{\"column\":\"celsius\"},\"label\":{\"column\":\"label\"}}",
            "celsius",
            "label");
    DataPlan plan =
        planner.plan(
            model, "/model", selection("{\"name\":\"t\"}"), "/dataset", null, new Violations());
    assertThat(Objects.requireNonNull(plan).warnings())
        .extracting(warning -> warning.code() + ": " + warning.detail().split(" it ", 2)[0])
        .containsExactlyInAnyOrder(
            "leaks_target: Column 'kelvin' lies on a straight line with the target column"
                + " 'celsius':",
            "leaks_target: Column 'code' is the target column 'label' by other names:");
  }
}
