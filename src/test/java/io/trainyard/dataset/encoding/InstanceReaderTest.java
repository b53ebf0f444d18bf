package io.trainyard.dataset.encoding;

import static io.trainyard.dataset.prepare.TestPreparation.input;
import static io.trainyard.dataset.prepare.TestPreparation.json;
import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.HostTensor;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class InstanceReaderTest {
  private final TestPreparation preparation = new TestPreparation();

  @Test
  void aBadInstanceIsNamedByPointer() {
    preparation.datasets.csv("t", "a,color,y\n1,red,1\n2,blue,2\n");
    ModelSpec model =
        model("{\"x\":{\"columns\":[\"a\",\"color\"]}}", "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
      Encoding encoding = data.encoding();
      ServiceException refusal =
          catchThrowableOfType(
              ServiceException.class,
              () ->
                  encoding.encode(
                      json(
                          """
                          [{"a": 1, "color": "red", "y": 3},
                           {"a": "1", "color": "red"},
                           {"color": "red"},
                           {"a": null, "color": 3, "z~/": 1},
                           7]\
                          """),
                      "/instances",
                      0));
      assertThat(
              refusal.violations().stream()
                  .flatMap(
                      each ->
                          each.count() == null
                              ? Stream.of(each.pointer())
                              : each.examples().stream()))
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
              () -> encoding.encode(json("[{\"a\":1e39,\"color\":\"pink\"}]"), "/instances", 0));
      assertThat(unknown.violations())
          .extracting(Violation::pointer, Violation::detail)
          .satisfiesExactlyInAnyOrder(
              v -> assertThat(v.toList().toString()).contains("/instances/0/a", "32-bit float"),
              v -> assertThat(v.toList().toString()).contains("/color", "'pink' is not among"));
      ServiceException later =
          catchThrowableOfType(
              ServiceException.class,
              () ->
                  encoding.encode(json("[{\"a\":1e39,\"color\":\"pink\"}, 7]"), "/instances", 256));
      assertThat(later.violations().getFirst().pointer()).isEqualTo("/instances/257");
      assertThatThrownBy(() -> encoding.encode(json("{}"), "/instances", 0))
          .isInstanceOf(ServiceException.class);
    }
  }

  @Test
  void aRaggedTensorIsNamedByPointer() {
    preparation.datasets.json(
        "t", "[{\"x\":[[0,255],[51,102]],\"y\":1},{\"x\":[[0,0],[0,0]],\"y\":3}]");
    ModelSpec model =
        model("{\"x\":{\"column\":\"x\",\"shape\":[2,2]}}", "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
      ServiceException ragged =
          catchThrowableOfType(
              ServiceException.class,
              () -> data.encoding().encode(json("[{\"x\":[[1,2],[3]]}]"), "/instances", 0));
      assertThat(ragged.violations().getFirst().pointer()).isEqualTo("/instances/0/x/1");
    }
  }

  @Test
  void aWindowIsReadFromListsOldestFirst() {
    preparation.datasets.csv("t", "a,c,y\n1,u,1\n2,v,2\n3,u,3\n4,v,4\n5,u,5\n");
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"a\",\"c\"],\"window\":2,\"scale\":\"standard\"}}",
            "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
      Encoding stored = Encoding.fromJson(json(data.encoding().toJson().toString()));
      Map<String, HostTensor> encoded =
          stored.encode(
              json("[{\"a\":[1,2],\"c\":[\"u\",\"v\"]},{\"a\":[4,5],\"c\":[\"v\",\"u\"]}]"),
              "/instances",
              0);
      float[] x = Objects.requireNonNull(encoded.get("x")).toFloats();
      float[] all = input(data.training(), "x");
      assertThat(x).hasSize(12);
      for (int i = 0; i < 6; i++) {
        assertThat(x[i]).isEqualTo(all[i]);
        assertThat(x[6 + i]).isEqualTo(all[18 + i]);
      }
      ServiceException refusal =
          catchThrowableOfType(
              ServiceException.class,
              () ->
                  stored.encode(
                      json(
                          "[{\"a\":[1,2],\"c\":[\"u\",\"w\"]},{\"a\":[1],\"c\":\"u\"},{\"a\":[1,null],\"c\":[\"u\",\"v\"]}]"),
                      "/instances",
                      0));
      assertThat(refusal.violations().stream().map(Violation::pointer))
          .contains("/instances/1/a", "/instances/1/c", "/instances/2/a/1");
    }
  }
}
