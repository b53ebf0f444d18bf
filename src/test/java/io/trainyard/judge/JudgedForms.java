package io.trainyard.judge;

import io.trainyard.Http;
import io.trainyard.cli.Command;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Trains a job and reads every place that shows its numbers. Those of epochs (records, events,
 * curves, CSV) are of what the network says, at the default threshold; those of what is published
 * (best, the version, evaluations, the gate, the command line) of what is answered. {@code
 * measured} says so.
 */
final class JudgedForms {
  private final Http http;
  private final String key;
  private final Routes routes;
  private final JobPlaces places;
  private final Comparisons comparisons;
  private final JsonNode rows;

  JudgedForms(JobPlaces places, Routes routes) {
    this.http = places.http();
    this.key = places.key();
    this.routes = routes;
    this.places = places;
    this.comparisons = places.comparisons();
    rows =
        http.job(
                "/v1/datasets/%s/versions/latest/rows?page_size=%d"
                    .formatted(FormDraw.TABLE, FormDraw.ROWS))
            .get("rows");
  }

  void compare(FormDraw draw) {
    try {
      String path = http.post("/v1/" + draw.list(), draw.body().toString()).expect(202).location();
      if (draw.state().equals("cancelled")) {
        http.post(path + "/cancel").expect(202);
      }
      JsonNode ended = http.await(path);
      places.compare(draw, path, ended);
      if (ended.get("state").stringValue().equals("succeeded")) {
        String trained = ended.at("/best/refit").asString(ended.get("id").stringValue());
        String job = "/v1/jobs/" + trained;
        new OfJob(draw, job, http.job(job)).compare();
      }
    } catch (RuntimeException | AssertionError e) {
      comparisons.fault("%s: %s".formatted(draw.body(), e));
    }
  }

  /** The comparisons of one job. */
  private final class OfJob {
    private final FormDraw draw;
    private final String path;
    private final JsonNode job;
    private final JsonNode version;
    private final JsonNode best;
    private final JsonNode last;
    private final List<Http.Event> events;

    OfJob(FormDraw draw, String path, JsonNode job) {
      this.draw = draw;
      this.path = path;
      this.job = job;
      version = http.job("/v1/models/" + draw.model() + "/versions/1");
      best = job.get("best");
      last = job.get("metrics");
      events = http.events(path, 0);
    }

    void compare() {
      epochs();
      published();
      if (!draw.isSweep()) {
        forms();
        gate();
      }
      lists();
      if (draw.ensemble() == null && !draw.isSweep()) {
        truth();
      }
      commandLine();
      routes();
    }

    private void same(String place, String what, @Nullable JsonNode given, JsonNode expected) {
      comparisons.add(
          place,
          what,
          expected.equals(given) || isClose(given, expected),
          "%s is %s, expected %s%n  %s".formatted(what, given, expected, draw.body()));
    }

    private static boolean isClose(@Nullable JsonNode given, JsonNode expected) {
      return given != null
          && given.isNumber()
          && expected.isNumber()
          && Math.abs(given.doubleValue() - expected.doubleValue()) < 2e-5;
    }

    /** The numbers of some names of a record are those of another. */
    private void same(String place, JsonNode given, String prefix, JsonNode expected, String own) {
      for (var each : expected.properties()) {
        String name = each.getKey();
        boolean measured =
            each.getValue().isNumber()
                && name.startsWith(own)
                && !name.matches("epoch|seconds|learning_rate")
                && (!own.isEmpty() || !name.matches("(val|test)_.*"));
        if (measured) {
          String other = prefix + name.substring(own.length());
          same(place, other, given.get(other), each.getValue());
        }
      }
    }

    /** Records, events and CSV have the same numbers of an epoch. */
    private void epochs() {
      List<JsonNode> records = http.job(path + "/metrics").get("epochs").valueStream().toList();
      Iterator<JsonNode> told =
          events.stream()
              .filter(event -> event.kind().equals("epoch"))
              .map(Http.Event::data)
              .iterator();
      List<String> csv =
          http.get(path + "/metrics", "Accept", "text/csv").expect(200).text().lines().toList();
      List<String> columns = List.of(csv.getFirst().split(","));
      for (int i = 0; i < records.size(); i++) {
        JsonNode record = records.get(i);
        same("event", told.next(), "", record, "");
        String[] cells = csv.get(i + 1).split(",", -1);
        for (int column = 0; column < cells.length; column++) {
          String name = columns.get(column);
          if (name.startsWith("val_")) {
            same("csv", name, record.get(name), number(cells[column]));
          }
        }
      }
      if (draw.ensemble() == null) {
        same("metrics", last, "val_", records.getLast(), "val_");
      } else {
        same("metrics of the mean", last, "val_", best, "val_");
        same("metrics of the mean", last, "", best, "");
      }
    }

    private static JsonNode number(String cell) {
      return JsonNodeFactory.instance.numberNode(Double.parseDouble(cell));
    }

    /** All places about what is published have the same numbers, and the gate decides by them. */
    private void published() {
      JsonNode metrics = version.get("metrics");
      same("version", metrics, "val_", best, "val_");
      same("version", metrics, "", best, "");
      same("version", metrics, "test_", last, "test_");
      JsonNode evaluation = http.job(path + "/evaluation");
      boolean tested = evaluation.get("part").stringValue().equals("test");
      same(
          "job's evaluation",
          evaluation.get("metrics"),
          "",
          tested ? last : best,
          tested ? "test_" : "val_");
      if (!draw.hasFolds() && !draw.isSweep()) {
        same("evaluation", evaluated("test"), "", last, "test_");
        same("evaluation", evaluated("validation"), "", best, "val_");
      }
    }

    private void gate() {
      JsonNode f1 = best.get("val_" + draw.prefix() + "f1");
      boolean good = f1.isNumber() && f1.doubleValue() >= 0.5;
      JsonNode moved = job.at("/result/alias/moved");
      same("gate", "moved", moved, JsonNodeFactory.instance.booleanNode(good));
    }

    private JsonNode evaluated(String part) {
      return http.post(
              "/v1/models/" + draw.model() + "/versions/1/evaluation",
              "{\"dataset\": {\"name\": \"%s\", \"where\": \"part = '%s'\"}}"
                  .formatted(FormDraw.TABLE, part))
          .expect(200)
          .json()
          .get("metrics");
    }

    /** What measured says is so. */
    private void forms() {
      JsonNode target = version.at("/encoding/targets/kind");
      boolean calibrated = target.has("calibration");
      double threshold = version.at("/decisions/kind/threshold").doubleValue();
      String validated = draw.hasFolds() ? "out_of_fold" : "validation";
      int validatedRows = draw.hasFolds() ? FormDraw.ROWS - 40 : FormDraw.VALIDATION;
      int training = draw.hasFolds() ? FormDraw.ROWS - 40 : FormDraw.TRAINING;
      ObjectNode val = form(validated, validatedRows, calibrated, threshold);
      ObjectNode test = form("test", 40, calibrated, threshold);
      ObjectNode epoch = form("training", training, false, 0.5);
      same("best", "measured val_", best.at("/measured/val_"), val);
      same("best", "measured", best.at("/measured").path(""), epoch);
      same("version", "measured val_", version.at("/metrics/measured/val_"), val);
      same("version", "measured test_", version.at("/metrics/measured/test_"), test);
      same("version", "measured", version.at("/metrics/measured").path(""), epoch);
      same("metrics", "measured test_", last.at("/measured/test_"), test);
      same("metrics", "measured", last.at("/measured").path(""), epoch);
      same(
          "metrics",
          "measured val_",
          last.at("/measured/val_"),
          draw.ensemble() == null ? form(validated, validatedRows, false, 0.5) : val);
      JsonNode evaluation = http.job(path + "/evaluation");
      same(
          "job's evaluation",
          "measured",
          evaluation.get("measured").path(""),
          draw.hasFolds() ? val : test);
    }

    private static ObjectNode form(String part, int rows, boolean calibrated, double threshold) {
      return JsonNodeFactory.instance
          .objectNode()
          .put("part", part)
          .put("rows", rows)
          .put("calibrated", calibrated)
          .put("threshold", threshold);
    }

    /** Lists are sorted by the numbers that they show. */
    private void lists() {
      String query = "/v1/jobs?model=%s&order_by=".formatted(draw.model());
      for (String order : List.of("created_at", "-best.val_loss", "val_loss")) {
        for (JsonNode listed : http.job(query + order).get("jobs")) {
          if (listed.get("id").equals(job.get("id"))) {
            same("list", "metrics", listed.get("metrics"), last);
            same("list", "best", listed.get("best"), best);
          }
        }
      }
    }

    /** The judge computes both forms from the network's output and from the answers. */
    private void truth() {
      List<Integer> places = FormDraw.rows("validation");
      List<ObjectNode> instances = instances(places);
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      instances.forEach(body.putArray("instances")::add);
      body.putArray("outputs").add("kind");
      JsonNode answer =
          http.post("/v1/models/" + draw.model() + "/predict", body.toString()).expect(200).json();
      int count = places.size();
      int[] truth = new int[count];
      double[][] said = new double[count][];
      double[][] answered = new double[count][];
      int[] saidLabels = new int[count];
      int[] answeredLabels = new int[count];
      for (int i = 0; i < count; i++) {
        truth[i] = rows.get(places.get(i)).get("kind").stringValue().equals("yes") ? 1 : 0;
        JsonNode prediction = answer.get("predictions").get(i);
        answered[i] = HeadAnswers.flat(prediction.get("probabilities"));
        answeredLabels[i] = prediction.get("kind").stringValue().equals("yes") ? 1 : 0;
        double[] output = HeadAnswers.flat(answer.at("/outputs/kind").get(i));
        said[i] = output.length == 1 ? new double[] {1 - output[0], output[0]} : output;
        saidLabels[i] =
            output.length == 1 ? (output[0] >= 0.5 ? 1 : 0) : output[1] > output[0] ? 1 : 0;
      }
      JsonNode epoch =
          http.job(path + "/metrics").get("epochs").get(best.get("epoch").intValue() - 1);
      judged("epoch", epoch, classes(truth, saidLabels, said));
      judged("best", best, classes(truth, answeredLabels, answered));
    }

    private Answers.Classes classes(int[] truth, int[] decided, double[][] scores) {
      return new Answers.Classes(
          2, truth, decided, scores, 1, draw.units(), new double[truth.length]);
    }

    private void judged(String place, JsonNode record, Answers.Classes answers) {
      for (String metric : List.of("accuracy", "f1", "log_loss")) {
        double expected = Judge.value(JsonNodeFactory.instance.stringNode(metric), answers);
        JsonNode given = record.get("val_" + draw.prefix() + metric);
        boolean agrees =
            Double.isNaN(expected) ? given.isNull() : isClose(given, number("" + expected));
        comparisons.add(
            "judge of " + place,
            metric,
            agrees,
            "%s is %s, expected %s%n  %s".formatted(metric, given, expected, draw.body()));
      }
    }

    private List<ObjectNode> instances(List<Integer> places) {
      List<ObjectNode> instances = new ArrayList<>();
      for (int place : places) {
        ObjectNode instance = JsonNodeFactory.instance.objectNode();
        List.of("a", "b").forEach(name -> instance.set(name, rows.get(place).get(name)));
        instances.add(instance);
      }
      return instances;
    }

    /** A line has one value of a name: that of what is published. */
    private void commandLine() {
      List<String> lines =
          List.of(
              Command.withKey(key, http.base(), "jobs", "--model", draw.model())
                  .out()
                  .lines()
                  .filter(line -> line.contains(job.get("id").stringValue()))
                  .findFirst()
                  .orElseThrow(),
              Command.withKey(key, http.base(), "jobs", job.get("id").stringValue()).out());
      for (String line : lines) {
        Map<String, String> shown = new LinkedHashMap<>();
        for (String each : line.split("[\t;,]")) {
          String[] words = each.strip().split(" ");
          if (words.length == 2 && words[0].matches("(val|test)_.*")) {
            String before = shown.put(words[0], words[1]);
            comparisons.add("line", words[0], before == null, "is twice in " + line);
          }
        }
        comparisons.add("line", "numbers", !shown.isEmpty(), "none in " + line);
        shown.forEach(
            (name, value) -> {
              JsonNode published = (name.startsWith("test_") ? last : best).get(name);
              comparisons.add(
                  "line",
                  name,
                  Math.abs(Double.parseDouble(value) - published.doubleValue()) < 1e-3,
                  "%s is %s, expected %s in %s".formatted(name, value, published, line));
            });
      }
    }

    /** Every route gives the same answers, sets with their labels, and members' deviations. */
    private void routes() {
      List<Integer> places = FormDraw.rows("test").subList(0, 5);
      List<ObjectNode> instances = instances(places);
      String fault = routes.fault(draw.model(), 1, instances, false);
      fault =
          fault != null
              ? fault
              : routes.batchFault(draw.model(), instances, FormDraw.TABLE, places);
      comparisons.add("routes", "answers", fault == null, fault + "\n  " + draw.body());
    }
  }
}
