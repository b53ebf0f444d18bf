package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** Every list is sorted by every member that its items show, page by page. */
@ServiceTest
@Timeout(120)
class ListOrderHttpTest {
  private static final String MODEL =
      """
      {"name": "%s", "inputs": {"x": {"columns": ["x1", "x2"]}},
       "targets": {"y": {"column": "y", "type": "class"}},
       "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}}\
      """;

  /** Sentences, made for each answer. */
  private static final Set<String> UNSORTED = Set.of("waits_for");

  /** They name the best trial of a sweep among its own; they compare nothing. */
  private static final Set<String> OF_BEST_TRIAL = Set.of("rank", "trial");

  private static final Set<String> SCALARS = Set.of("string", "integer", "number", "boolean");

  @Autowired private Http http;

  private void label(String path, @Nullable String description) {
    String labels =
        "{\"tags\": {\"list\": \"sorted\"}%s}"
            .formatted(
                description == null ? "" : ", \"description\": \"%s\"".formatted(description));
    http.send("PATCH", path, Http.utf8(labels), "Content-Type", "application/merge-patch+json")
        .expect(200);
  }

  @Test
  void everyListIsSortedByEveryMember() {
    http.sample("xor");
    for (String rows : List.of("a,b\n1,2\n3,4\n", "a,b\n5,6\n", "a,b\n7,8\n9,1\n2,3\n")) {
      http.upload("sorted-b", rows);
    }
    http.upload("sorted-a", "a,b\n1,2\n3,4\n5,6\n");
    http.upload("sorted-c", "a,b\n1,2\n");
    label("/v1/datasets/sorted-a", "z");
    label("/v1/datasets/sorted-b", null);
    label("/v1/datasets/sorted-c", "y");
    for (int version = 1; version <= 3; version++) {
      label("/v1/datasets/sorted-b/versions/" + version, version == 2 ? null : "v" + -version);
    }
    List<String> unfinished = new ArrayList<>();
    try {
      for (int version = 1; version <= 3; version++) {
        String description = version == 1 ? null : "d" + -version;
        JsonNode job = http.train(job("sorted-m", 1 + version % 3));
        label("/v1/jobs/" + job.get("id").stringValue(), description);
        label("/v1/models/sorted-m/versions/" + version, description);
      }
      for (String other : List.of("sorted-k", "sorted-z")) {
        http.post("/v1/models", MODEL.formatted(other)).expect(201);
        label("/v1/models/" + other, other);
      }
      label("/v1/models/sorted-m", null);
      sweep(unfinished, 1);
      sweep(unfinished, 2);
      http.await(unfinished.getFirst());
      http.await(unfinished.getLast());
      for (int i = 0; i < 3; i++) {
        unfinished.add(http.submit(job("sorted-j", 1_000_000)));
        http.awaitEpoch(unfinished.get(2), 1);
        label(unfinished.getLast(), "j" + i);
      }
      sweep(unfinished, 2);
      unfinished.forEach(job -> label(job, null));
      for (Map.Entry<String, Set<String>> list : lists().entrySet()) {
        sortedByAll(list.getKey(), list.getValue());
      }
    } finally {
      unfinished.forEach(job -> http.post(job + "/cancel"));
    }
  }

  private static String job(String model, int epochs) {
    return """
        {"model": %s, "dataset": {"name": "xor"},
         "training": {"loss": "binary_crossentropy", "epochs": %d, "seed": 1,
           "optimizer": {"type": "sgd", "learning_rate": 0.5}}}\
        """
        .formatted(MODEL.formatted(model), epochs);
  }

  private void sweep(Collection<String> submitted, int trials) {
    submitted.add(
        http.post(
                "/v1/sweeps",
                "{\"job\": %s, \"parameters\": {\"/training/epochs\": [2, 3]}, \"strategy\": \"random\", \"objective\": \"loss\", \"trials\": %d}"
                    .formatted(job("sorted-s", 1), trials))
            .expect(202)
            .location()
            .replace("sweeps", "jobs"));
  }

  /** The members by which each list must be sorted, by its path. */
  private Map<String, Set<String>> lists() {
    JsonNode document = http.get("/v3/api-docs").expect(200).json();
    Map<String, Set<String>> lists = new TreeMap<>();
    for (var path : document.get("paths").properties()) {
      JsonNode get = path.getValue().path("get");
      if (get.path("parameters").findValuesAsString("name").contains("order_by")) {
        JsonNode list = get.at("/responses/200/content/application~1json/schema");
        JsonNode items = resolved(document, list).get("properties").iterator().next().get("items");
        lists.put(
            path.getKey().replace("{model}", "sorted-m").replace("{dataset}", "sorted-b"),
            scalars(document, resolved(document, items).get("properties")));
      }
    }
    assertThat(lists).hasSizeGreaterThanOrEqualTo(5);
    return lists;
  }

  private static Set<String> scalars(JsonNode document, JsonNode members) {
    Set<String> scalars = new LinkedHashSet<>();
    for (var member : members.properties()) {
      JsonNode type = resolved(document, member.getValue()).path("type");
      String first = type.isArray() ? type.get(0).stringValue() : type.asString("");
      if (SCALARS.contains(first) && !UNSORTED.contains(member.getKey())) {
        scalars.add(member.getKey());
      }
    }
    return scalars;
  }

  private static JsonNode resolved(JsonNode document, JsonNode schema) {
    return schema.has("$ref") ? document.at(schema.get("$ref").stringValue().substring(1)) : schema;
  }

  private void sortedByAll(String path, Set<String> members) {
    String list = path + "?archived=any&tag=list:sorted";
    assertThat(members).as(path).contains("owner", "created_at", "description", "archived");
    List<JsonNode> all = items(list);
    assertThat(all).as(path).hasSizeGreaterThanOrEqualTo(2);
    for (String member : members) {
      sorted(list, all, member, "/" + member);
    }
    for (JsonNode item : all) {
      measured(item.path("metrics")).forEach(name -> sorted(list, all, name, "/metrics/" + name));
      measured(item.path("best")).stream()
          .filter(name -> !OF_BEST_TRIAL.contains(name))
          .forEach(name -> sorted(list, all, "best." + name, "/best/" + name));
    }
    String refusal =
        http.get(list + "&order_by=unheard_of")
            .expectProblem(400, "invalid_parameter")
            .json()
            .get("detail")
            .stringValue();
    assertThat(refusal).contains(members);
  }

  private static List<String> measured(JsonNode values) {
    return values
        .propertyStream()
        .filter(each -> each.getValue().isNumber())
        .map(Map.Entry::getKey)
        .toList();
  }

  private void sorted(String list, List<JsonNode> all, String order, String pointer) {
    for (String direction : List.of("", "-")) {
      String sortedList = list + "&order_by=" + direction + order;
      List<JsonNode> sorted = items(sortedList);
      assertThat(sorted)
          .as(sortedList)
          .extracting(ListOrderHttpTest::key)
          .containsExactlyInAnyOrderElementsOf(all.stream().map(ListOrderHttpTest::key).toList());
      List<JsonNode> values =
          sorted.stream().map(item -> value(item, pointer)).filter(JsonNode::isValueNode).toList();
      long lacking = values.stream().dropWhile(value -> !value.isNull()).count();
      assertThat(values.stream().skip(values.size() - lacking))
          .as(sortedList)
          .allMatch(JsonNode::isNull);
      Comparator<JsonNode> ascending = ListOrderHttpTest::compare;
      assertThat(values.subList(0, values.size() - (int) lacking))
          .as(sortedList)
          .isSortedAccordingTo(direction.isEmpty() ? ascending : ascending.reversed());
    }
  }

  /** Lists are sorted by what ended jobs measured: the numbers of others change all the time. */
  private static JsonNode value(JsonNode item, String pointer) {
    boolean isMeasured = pointer.lastIndexOf('/') > 0;
    return isMeasured && !item.path("done").booleanValue(true)
        ? NullNode.getInstance()
        : item.at(pointer);
  }

  private static int compare(JsonNode a, JsonNode b) {
    if (a.isNumber()) {
      return Double.compare(a.doubleValue(), b.doubleValue());
    }
    if (a.isBoolean()) {
      return Boolean.compare(a.booleanValue(), b.booleanValue());
    }
    return a.stringValue().matches("\\d{4}-.*Z")
        ? Instant.parse(a.stringValue()).compareTo(Instant.parse(b.stringValue()))
        : a.stringValue().compareTo(b.stringValue());
  }

  private static String key(JsonNode item) {
    return item.path("id")
        .asString(item.path("name").asString("") + item.path("version").asString(""));
  }

  /** Read two by two. */
  private List<JsonNode> items(String list) {
    List<JsonNode> items = new ArrayList<>();
    String token = "";
    do {
      JsonNode page = http.get(list + "&page_size=2&page_token=" + token).expect(200).json();
      page.valueStream().filter(JsonNode::isArray).findFirst().orElseThrow().forEach(items::add);
      token = page.get("next_page_token").stringValue();
    } while (!token.isEmpty());
    return items;
  }
}
