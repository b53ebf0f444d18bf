package io.trainyard.dataset.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.LearnedEncodings;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.SpecReader;
import io.trainyard.store.dataset.TestDatasets;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class WindowTest {
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

  private static ModelSpec model(String inputs, String targets) {
    String first = MAPPER.readTree(inputs).propertyNames().iterator().next();
    String json =
        "{\"name\":\"m\",\"inputs\":%s,\"targets\":%s,\"network\":{\"layers\":[{\"type\":\"dense\",\"units\":1,\"inputs\":[\"%s\"]}]}}"
            .formatted(inputs, targets, first);
    Violations violations = new Violations();
    ModelSpec model = SpecReader.model(MAPPER.readTree(json), "/model", violations);
    violations.throwIfAny();
    return Objects.requireNonNull(model);
  }

  private PreparedData prepare(ModelSpec model, String selection) {
    DatasetSelection read =
        DatasetSelection.read(MAPPER.readTree(selection), "/dataset", new Violations());
    return planner.prepare(model, Objects.requireNonNull(read), null, 7, () -> false);
  }

  private static float[] input(Subset part) {
    return Objects.requireNonNull(part.inputs().get("x")).toFloats();
  }

  private static float[] target(Subset part) {
    return Objects.requireNonNull(part.targets().get("y")).toFloats();
  }

  @Test
  void windowsAreSequencesAndTheTargetIsOfTheirLastRow() {
    datasets.csv("t", "a,b,y\n1,10,100\n2,20,200\n3,30,300\n4,40,400\n");
    ModelSpec model =
        model("{\"x\":{\"columns\":[\"a\",\"b\"],\"window\":3}}", "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data = prepare(model, "{\"name\":\"t\"}")) {
      Subset part = data.training();
      assertThat(Objects.requireNonNull(part.inputs().get("x")).shape())
          .isEqualTo(Shape.of(2, 3, 2));
      assertThat(input(part)).containsExactly(1, 10, 2, 20, 3, 30, 2, 20, 3, 30, 4, 40);
      assertThat(target(part)).containsExactly(300, 400);
      assertThat(data.encoding().inputShapes()).isEqualTo(Map.of("x", Shape.of(3, 2)));
    }
  }

  @Test
  void strideOffsetOrderAndGroupsAreKept() {
    datasets.csv(
        "t",
        """
        shop,day,sales
        b,1,10
        a,3,3
        a,1,1
        b,2,20
        a,2,2
        a,4,4
        b,3,30
        a,5,5
        """);
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"sales\"],\"window\":{\"length\":2,\"stride\":2,\"group\":\"shop\",\"order_by\":\"day\"}}}",
            "{\"y\":{\"column\":\"sales\",\"offset\":1}}");
    try (PreparedData data = prepare(model, "{\"name\":\"t\"}")) {
      // b: (10, 20) → 30; a: (1, 2) → 3 and (3, 4) → 5, never across shops.
      assertThat(input(data.training())).containsExactly(10, 20, 1, 2, 3, 4);
      assertThat(target(data.training())).containsExactly(30, 3, 5);
    }
    assertThat(model.inputs().get("x")).isNotNull();
  }

  @Test
  void theSplitIsChronologicalAndNoWindowCrossesIt() {
    StringBuilder rows = new StringBuilder("v\n");
    for (int i = 0; i < 20; i++) {
      rows.append(i).append('\n');
    }
    datasets.csv("t", rows.toString());
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"v\"],\"window\":3,\"scale\":\"unit\"}}",
            "{\"y\":{\"column\":\"v\",\"offset\":1}}");
    try (PreparedData data =
        prepare(model, "{\"name\":\"t\",\"split\":{\"validation\":0.25,\"test\":0.25}}")) {
      // Rows 0–9, 10–14 and 15–19; 10 − 3 − 1 + 1 = 7 and 5 − 3 − 1 + 1 = 2 windows.
      assertThat(target(data.training())).containsExactly(3, 4, 5, 6, 7, 8, 9);
      assertThat(target(data.validation())).containsExactly(13, 14);
      assertThat(target(data.test())).containsExactly(18, 19);
      assertThat(input(data.training())[2]).as("scaled by rows 0 to 9").isEqualTo(2 / 9f);
    }
  }

  @Test
  void predictionTakesArraysOldestFirst() {
    datasets.csv("t", "a,c,y\n1,u,1\n2,v,2\n3,u,3\n4,v,4\n5,u,5\n");
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"a\",\"c\"],\"window\":2,\"scale\":\"standard\"}}",
            "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data = prepare(model, "{\"name\":\"t\"}")) {
      Encoding stored = Encoding.fromJson(MAPPER.readTree(data.encoding().toJson().toString()));
      Map<String, HostTensor> encoded =
          stored.encode(
              MAPPER.readTree(
                  "[{\"a\":[1,2],\"c\":[\"u\",\"v\"]},{\"a\":[4,5],\"c\":[\"v\",\"u\"]}]"),
              "/instances");
      float[] x = Objects.requireNonNull(encoded.get("x")).toFloats();
      float[] all = input(data.training());
      assertThat(x).hasSize(12);
      for (int i = 0; i < 6; i++) {
        assertThat(x[i]).isEqualTo(all[i]);
        assertThat(x[6 + i]).isEqualTo(all[18 + i]);
      }
      ServiceException refusal =
          Assertions.catchThrowableOfType(
              ServiceException.class,
              () ->
                  stored.encode(
                      MAPPER.readTree(
                          "[{\"a\":[1,2],\"c\":[\"u\",\"w\"]},{\"a\":[1],\"c\":\"u\"},{\"a\":[1,null],\"c\":[\"u\",\"v\"]}]"),
                      "/instances"));
      assertThat(refusal.violations().stream().map(Violation::pointer))
          .contains("/instances/1/a", "/instances/1/c", "/instances/2/a/1");
    }
  }

  @Test
  void windowsThatDoNotFitAreRefusedAtTheirPlace() {
    datasets.csv("t", "a,s,y\n1,u,1\n2,v,2\n3,u,3\n");
    assertFault("{\"x\":{\"columns\":[\"a\"],\"window\":4}}", "/dataset");
    assertFault(
        "{\"x\":{\"columns\":[\"a\"],\"window\":{\"length\":2,\"order_by\":\"s\"}}}",
        "/model/inputs/x/window/order_by");
    assertFault(
        "{\"x\":{\"columns\":[\"a\"],\"window\":{\"length\":2,\"group\":\"q\"}}}",
        "/model/inputs/x/window/group");
    Violations violations = new Violations();
    SpecReader.model(
        MAPPER.readTree(
            "{\"name\":\"m\",\"inputs\":{\"x\":{\"columns\":[\"a\"],\"window\":{\"length\":0,\"step\":1}}},\"targets\":{\"y\":{\"column\":\"y\"}},\"network\":{\"layers\":[{\"type\":\"dense\",\"units\":1}]}}"),
        "",
        violations);
    assertThat(violations.list().stream().map(Violation::pointer))
        .contains("/inputs/x/window/length", "/inputs/x/window/step");
    Violations offset = new Violations();
    SpecReader.model(
        MAPPER.readTree(
            "{\"name\":\"m\",\"inputs\":{\"x\":{\"columns\":[\"a\"]}},\"targets\":{\"y\":{\"column\":\"y\",\"offset\":1}},\"network\":{\"layers\":[{\"type\":\"dense\",\"units\":1}]}}"),
        "",
        offset);
    assertThat(offset.list().getFirst().pointer()).isEqualTo("/targets/y/offset");
  }

  private void assertFault(String inputs, String pointer) {
    Violations violations = new Violations();
    DatasetSelection selection =
        DatasetSelection.read(MAPPER.readTree("{\"name\":\"t\"}"), "/dataset", violations);
    planner.plan(
        model(inputs, "{\"y\":{\"column\":\"y\"}}"),
        "/model",
        Objects.requireNonNull(selection),
        "/dataset",
        null,
        violations);
    assertThat(violations.list().stream().map(Violation::pointer)).contains(pointer);
  }

  @Test
  void anInputCanBeLikeAVersions() {
    datasets.csv("t", "a,y\n0,1\n10,2\n");
    datasets.csv("u", "a,y\n20,1\n30,2\n");
    Encoding other;
    try (PreparedData data =
        prepare(
            model("{\"x\":{\"columns\":[\"a\"],\"scale\":\"unit\"}}", "{\"y\":{\"column\":\"y\"}}"),
            "{\"name\":\"t\"}")) {
      other = data.encoding();
    }
    planner =
        new DatasetPlanner(
            datasets.store(),
            datasets.store(),
            TensorMemory.resident(),
            (model, reference) ->
                model.equals("ae1") && List.of("3", "production").contains(reference)
                    ? Optional.of(new LearnedEncodings.Learned(3, other))
                    : Optional.empty());
    ModelSpec like = model("{\"x\":{\"like\":\"ae1@production\"}}", "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data = prepare(like, "{\"name\":\"u\"}")) {
      assertThat(input(data.training())).containsExactly(2, 3);
    }
    assertThat(
            planner
                .pinned(MAPPER.readTree("{\"inputs\":{\"x\":{\"like\":\"ae1@production\"}}}"))
                .toString())
        .contains("\"ae1@3\"");
    assertFault("{\"x\":{\"like\":\"ae1@9\"}}", "/model/inputs/x/like");
  }

  @Test
  void jobsOnTheSameRowsShareThem() {
    datasets.csv("t", "a,y\n0,1\n10,2\n");
    ModelSpec model = model("{\"x\":{\"columns\":[\"a\"]}}", "{\"y\":{\"column\":\"y\"}}");
    PreparedData one = prepare(model, "{\"name\":\"t\"}");
    PreparedData two = prepare(model, "{\"name\":\"t\"}");
    assertThat(two.training().inputs().get("x")).isSameAs(one.training().inputs().get("x"));
    one.close();
    one.close();
    assertThat(input(two.training())).containsExactly(0, 10);
    two.close();
  }
}
