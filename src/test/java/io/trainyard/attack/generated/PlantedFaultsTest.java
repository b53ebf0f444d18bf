package io.trainyard.attack.generated;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.attack.generated.JobPlants.Base;
import io.trainyard.attack.generated.Plants.Plant;
import io.trainyard.crash.Draw;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Two to four independent faults in a valid body are all reported at once, by every operation with
 * a body; and a null is the same as no member.
 */
@ServiceTest
class PlantedFaultsTest {
  private static final int COUNT = Integer.getInteger("generated.jobs", 100);
  private static final long SEED = Long.getLong("generated.seed", 0);
  private static final Pattern KNOWN = Pattern.compile("nown here: ([\\w, $]+)");
  private static final String VALIDATE = "/v1/models:validate";

  @Autowired private Http http;

  @BeforeAll
  static void upload(@Autowired Http http) {
    Draw draw = new Draw(new SplittableRandom(3));
    Tables.drawn(draw).uploadRows(http, draw);
  }

  @Test
  void everyFaultOfAJobIsTold() {
    List<Base> bases = JobPlants.all();
    List<String> missed = new ArrayList<>();
    for (int number = 0; number < COUNT; number++) {
      Draw draw = new Draw(new SplittableRandom(SEED + number * 0x9E3779B97F4A7C15L));
      Base base = bases.get(number % bases.size());
      // Sooner or later, each fault is the first.
      Plant first = base.plants().get(number / bases.size() % base.plants().size());
      List<Plant> planted = Plants.choose(first, base.plants(), 2 + draw.below(3), draw);
      String path = number % 8 == 0 ? "/v1/jobs" : VALIDATE;
      add(missed(base.body(), planted, body -> http.post(path, body)), missed);
    }
    assertThat(missed).isEmpty();
  }

  @Test
  void basesAreValid() {
    for (Base base : JobPlants.all()) {
      Http.Answer answer = http.post(VALIDATE, base.copy().toString());
      assertThat(answer.json().path("valid").asBoolean(false)).as(answer.toString()).isTrue();
    }
  }

  @Test
  void everyFaultOfAnyBodyIsTold() {
    RoutePlants.prepare(http);
    List<String> missed = new ArrayList<>();
    for (RoutePlants.Route route : RoutePlants.all()) {
      Function<String, Http.Answer> send = body -> route.send(http, body);
      List<List<Plant>> pairs = JobPlants.pairs(route.plants());
      Draw draw = new Draw(new SplittableRandom(SEED + route.path().hashCode()));
      int most = Math.max(3, COUNT / 10);
      for (int i = 0; i < most && !pairs.isEmpty(); i++) {
        List<Plant> pair =
            COUNT > 100 ? pairs.removeFirst() : pairs.remove(draw.below(pairs.size()));
        String fault = missed(route.body(), pair, send);
        add(fault == null ? null : route.path() + ": " + fault, missed);
      }
    }
    assertThat(missed).isEmpty();
  }

  /** Not beside others that follow from it, nor at another place. */
  @Test
  void aSingleFaultIsToldOnceAtItsPlace() {
    List<Plant> faults =
        List.of(
            Plants.set("/dataset/where", "'1 = 2'"),
            Plants.set("/model/inputs/x/scale/n1", "{'divide': 1e-300}"),
            Plants.set("/model/inputs/x/impute", "{'n1': {'constant': 1e300}}"),
            Plants.set("/model/network/layers/0/inputs", "['*']"),
            Plants.set("/training/optimizer/type", "'adm'"),
            Plants.set("/model/inputs", "{'*': {'columns': ['n0', 'n1', 's0']}}"));
    for (Plant fault : faults) {
      ObjectNode body = JobPlants.all().getFirst().copy();
      fault.plants().accept(body);
      assertThat(pointers(http.post(VALIDATE, body.toString())))
          .as(body.toString())
          .singleElement()
          .asString()
          .startsWith(fault.at());
    }
  }

  @Test
  void aThresholdMayBeAnyProbability() {
    for (String threshold : List.of("0", "0.5", "1", "-0.1", "1.1")) {
      Http.Answer answer =
          http.post(
              VALIDATE,
              """
              {"model": {"name": "planted", "inputs": {"x": {"columns": ["n0"]}},
                 "targets": {"t": {"column": "flag", "type": "class", "threshold": %s}},
                 "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
               "dataset": {"name": "generated-mixed"},
               "training": {"loss": "binary_crossentropy", "epochs": 1}}
              """
                  .formatted(threshold));
      boolean isProbability =
          Double.parseDouble(threshold) == Math.clamp(Double.parseDouble(threshold), 0, 1);
      assertThat(answer.json().path("valid").booleanValue()).as(threshold).isEqualTo(isProbability);
    }
  }

  @Test
  void anotherLossOfASurvivalTargetDrawsNoAdviceAboutMetrics() {
    http.send(
        "POST",
        "/v1/datasets?name=planted-survival",
        Http.utf8("x,time,event\n1,2,1\n2,3,0\n3,1,1\n4,5,1\n"),
        "Content-Type",
        "text/csv");
    Http.Answer answer =
        http.post(
            VALIDATE,
            """
            {"model": {"name": "planted", "inputs": {"x": {"columns": ["x"]}},
               "targets": {"t": {"type": "survival", "columns": ["time", "event"]}},
               "network": {"layers": [{"type": "dense", "units": 1}]}},
             "dataset": {"name": "planted-survival"},
             "training": {"loss": {"type": "expression", "expression": "mean((y_pred - y_true)^2)"},
               "epochs": 1, "metrics": ["concordance"]}}
            """);
    assertThat(pointers(answer)).contains("/training/loss").doesNotContain("/training/metrics/0");
  }

  @Test
  void aPartOfAnImportHidesNoOther() {
    Http.Answer answer =
        new Multipart()
            .part(
                "spec",
                """
                {"name": "planted-import", "inputs": {"x": {"columns": ["a"], "scale": "standard"}},
                 "targets": {"y": {"column": "b"}}, "network": {"layers": [{"type": "dense", "units": 1}]}}
                """)
            .part("weights", "PK\u0003\u0004archive/data.pkl")
            .post(http, "/v1/models/planted-other/versions");
    assertThat(pointers(answer))
        .contains("/spec/name", "/weights")
        .anyMatch(each -> each.startsWith("/encoding") || each.startsWith("/spec/inputs"));
    assertThat(answer.text()).contains("pickle");
  }

  @Test
  void aNullIsTheSameAsNoMember() {
    List<String> different = new ArrayList<>();
    Draw draw = new Draw(new SplittableRandom(17));
    for (Base base : JobPlants.all()) {
      String whole = validated(base.copy());
      for (String place : objects(base.copy(), "")) {
        if (COUNT < 100 && draw.below(4) > 0) {
          continue;
        }
        ObjectNode surplus = base.copy();
        Plants.set(surplus, place + "/surplus", "1");
        for (String member : known(http.post(VALIDATE, surplus.toString()), place)) {
          if (COUNT <= 100 && draw.below(6) > 0) {
            continue;
          }
          ObjectNode empty = base.copy();
          Plants.set(empty, place + "/" + member, "null");
          ObjectNode without = base.copy();
          boolean was = ((ObjectNode) without.at(place)).remove(member) != null;
          String expected = was ? validated(without) : whole;
          if (!validated(empty).equals(expected)) {
            different.add(place + "/" + member + ": " + validated(empty) + " <> " + expected);
          }
        }
      }
    }
    assertThat(different).isEmpty();
  }

  @Test
  void anEmptyMapIsTheSameAsNone() {
    Base base = JobPlants.all().getFirst();
    String whole = validated(base.copy());
    for (String place :
        List.of(
            "/training/losses",
            "/training/loss_weights",
            "/training/learning_rates",
            "/model/inputs/x/encode")) {
      ObjectNode body = base.copy();
      Plants.set(body, place, "{}");
      assertThat(validated(body)).as(place).isEqualTo(whole);
    }
    for (String place :
        List.of(
            "/training/metrics",
            "/training/class_weights",
            "/on_success/when",
            "/model/inputs",
            "/model/targets")) {
      ObjectNode body = base.copy();
      ((ObjectNode) body.at(place.substring(0, place.lastIndexOf('/'))))
          .remove(place.substring(place.lastIndexOf('/') + 1));
      String without = validated(body);
      Plants.set(body, place, "{}");
      assertThat(validated(body)).as(place).isEqualTo(without);
    }
  }

  @Test
  void anEmptyMemberIsNotAnotherNameOfItself() {
    ObjectNode body = JobPlants.all().getFirst().copy();
    Plants.set(body, "/training/epochs", "null");
    assertThat(http.post(VALIDATE, body.toString()).text())
        .contains("'epochs' is required")
        .doesNotContain("in place of");
  }

  private String validated(ObjectNode body) {
    JsonNode answer = http.post(VALIDATE, body.toString()).json();
    return answer.path("valid") + " " + answer.path("errors") + " " + answer.path("warnings");
  }

  /** The places of all objects. */
  private static List<String> objects(JsonNode node, String at) {
    List<String> places = new ArrayList<>();
    if (node.isObject() && !at.isEmpty()) {
      places.add(at);
    }
    for (var member : node.properties()) {
      places.addAll(objects(member.getValue(), at + "/" + member.getKey()));
    }
    for (int i = 0; i < node.size() && node.isArray(); i++) {
      places.addAll(objects(node.get(i), at + "/" + i));
    }
    return places;
  }

  /** The members of an object, as the refusal of another one names them. */
  private static List<String> known(Http.Answer answer, String place) {
    for (JsonNode error : answer.json().path("errors")) {
      Matcher known = KNOWN.matcher(error.path("detail").asString(""));
      if (error.path("pointer").asString("").equals(place + "/surplus") && known.find()) {
        return List.of(known.group(1).split(", "));
      }
    }
    return List.of();
  }

  private static void add(@Nullable String fault, List<String> faults) {
    if (fault != null) {
      faults.add(fault);
    }
  }

  private static @Nullable String missed(
      String text, List<Plant> plants, Function<String, Http.Answer> send) {
    ObjectNode body = GeneratedJobs.object(text);
    plants.forEach(plant -> plant.plants().accept(body));
    Http.Answer answer = send.apply(body.toString());
    List<String> pointers = pointers(answer);
    List<Plant> missed = plants.stream().filter(plant -> !plant.isAmong(pointers)).toList();
    return missed.isEmpty()
        ? null
        : "%s of %s, but %d %s%s"
            .formatted(
                missed,
                plants,
                answer.status(),
                pointers,
                Boolean.getBoolean("generated.bodies") ? " for " + body : "");
  }

  private static List<String> pointers(Http.Answer answer) {
    List<String> pointers = new ArrayList<>();
    // A conversion tells what it cannot convert in a successful answer.
    for (String list : List.of("errors", "unsupported")) {
      for (JsonNode error : answer.json().path(list)) {
        pointers.add(error.path("pointer").asString(""));
      }
    }
    // The inference protocol has one text for all.
    String text = answer.json().path("error").asString("");
    if (!text.isEmpty()) {
      Stream.of(text.split("; ")).map(each -> each.replaceFirst(": .*", "")).forEach(pointers::add);
    }
    return pointers;
  }
}
