package io.trainyard.judge;

import io.trainyard.Http;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Trains a combination and compares what every place reports of its version with what the judge
 * computes from the version's answers.
 *
 * <p>{@code loss} is Σ weight·loss of the targets + the penalties of the kernels; {@code
 * <target>_loss} is the target's own, without weight and penalties. A metric that cannot be
 * computed is null, with a note.
 */
final class ReportedNumbers {
  /** Every so many jobs are tried in a sweep too. */
  private static final int SWEEP_EVERY = 10;

  private static final Set<String> NO_METRICS =
      Set.of(
          "epoch",
          "phase",
          "learning_rate",
          "seconds",
          "confusion",
          "metric_notes",
          "measured",
          "loss");

  private final Http http;
  private final Comparisons comparisons;
  private final Routes routes;
  private final AtomicInteger trained = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();

  ReportedNumbers(Http http, Comparisons comparisons, Routes routes) {
    this.http = http;
    this.comparisons = comparisons;
    this.routes = routes;
  }

  int trained() {
    return trained.get();
  }

  int refused() {
    return refused.get();
  }

  void compare(Combination combination) {
    Http.Answer submitted = http.post("/v1/jobs", combination.job().toString());
    if (submitted.status() == 422) {
      refused.incrementAndGet();
      if (System.getProperty("judge.refused") != null) {
        System.out.println(submitted.text());
      }
      return;
    }
    JsonNode job = http.await(submitted.expect(202).location());
    if (!job.path("state").stringValue().equals("succeeded")) {
      if (!job.at("/error/code").asString("").equals("non_finite_loss")) {
        fault(combination, "the job ended as " + job.path("error"));
      }
      return;
    }
    trained.incrementAndGet();
    try {
      new OfJob(combination, job).compare();
    } catch (RuntimeException e) {
      fault(combination, e.toString());
    }
  }

  private void fault(Combination combination, String text) {
    comparisons.fault("%s%n  %s".formatted(text, combination.job()));
  }

  /** The comparisons of one job. */
  private final class OfJob {
    private final Combination combination;
    private final JsonNode job;
    private final String path;
    private final Map<String, HeadAnswers> answers = new LinkedHashMap<>();
    private double penalties;

    OfJob(Combination combination, JsonNode job) {
      this.combination = combination;
      this.job = job;
      path = "/v1/models/%s/versions/%s".formatted(combination.name(), job.at("/result/version"));
    }

    void compare() {
      JsonNode version = http.get(path).expect(200).json();
      JsonNode predicted = predicted();
      if (predicted == null) {
        return;
      }
      for (Head head : combination.heads()) {
        JsonNode encoding =
            version.at(
                head.kind() == Head.Kind.INPUT
                    ? "/encoding/inputs/x"
                    : "/encoding/targets/" + head.target());
        answers.put(
            head.target(),
            new HeadAnswers(
                head, combination.table(), encoding, combination.job().get("training"), predicted));
      }
      for (HeadAnswers own : answers.values()) {
        String fault = own.served();
        comparisons.add(
            "predict",
            own.head().text(),
            fault == null,
            "%s: %s%n  %s".formatted(own.head().target(), fault, combination.job()));
      }
      combination.penalties().forEach(this::add);
      record("best", job.get("best"), "val_", "validation");
      record("test", job.get("metrics"), "test_", "test");
      same("version's metrics", version.get("metrics"));
      evaluation(
          "job's evaluation",
          http.get("/v1/jobs/" + job.get("id").stringValue() + "/evaluation").expect(200).json(),
          "test");
      evaluated("version's evaluation", "test", "{}");
      evaluated(
          "version's evaluation of named metrics",
          "all",
          "{\"metrics\":%s}".formatted(combination.job().at("/training/metrics")));
      batch();
      routes();
      condition();
      if (combination.number() % SWEEP_EVERY == 0) {
        sweep();
      }
    }

    private @Nullable JsonNode predicted() {
      ObjectNode request = JsonNodeFactory.instance.objectNode();
      var instances = request.putArray("instances");
      combination.table().rows().forEach(row -> instances.add(instance(row)));
      combination.heads().forEach(head -> request.withArrayProperty("outputs").add(head.output()));
      Http.Answer answer = http.post(path + "/predict", request.toString());
      if (answer.status() != 200) {
        fault(combination, "predict answers " + answer);
        return null;
      }
      return answer.json();
    }

    private void add(Combination.Penalty penalty) {
      JsonNode kernel =
          http.get(path + "/weights/" + penalty.layer() + ".weight").expect(200).json();
      penalties +=
          penalty.weight()
              * Arrays.stream(HeadAnswers.flat(kernel.get("values")))
                  .map(w -> penalty.norm().equals("l2") ? w * w : Math.abs(w))
                  .sum();
    }

    /** The members of a record that are of one part. */
    private void record(String place, JsonNode record, String part, String rows) {
      ObjectNode own = JsonNodeFactory.instance.objectNode();
      for (var member : record.properties()) {
        if (member.getKey().startsWith(part)) {
          own.set(member.getKey().substring(part.length()), member.getValue());
        }
      }
      ObjectNode notes = JsonNodeFactory.instance.objectNode();
      for (var note : record.path("metric_notes").properties()) {
        if (note.getKey().startsWith(part)) {
          notes.set(note.getKey().substring(part.length()), note.getValue());
        }
      }
      values(place, own, notes, rows, true);
    }

    /**
     * Compares all values of a place.
     *
     * @param part whose rows were measured
     * @param all whether all that the training measures must be there
     */
    private void values(String place, JsonNode values, JsonNode notes, String part, boolean all) {
      int[] rows = combination.table().part(part);
      loss(place, values, rows);
      List<String> known = new ArrayList<>();
      for (HeadAnswers own : answers.values()) {
        String prefix = answers.size() == 1 ? "" : own.head().target() + "_";
        Map<String, JsonNode> metrics = new LinkedHashMap<>();
        if (all) {
          own.metrics().forEach((name, metric) -> metrics.put(prefix + name, metric));
        }
        for (String name : values.propertyNames()) {
          String bare = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
          if (bare.equals("loss") && !prefix.isEmpty()) {
            known.add(name);
          } else if (own.metrics().containsKey(bare)) {
            metrics.put(name, own.metrics().get(bare));
          } else if (!bare.isEmpty() && !NO_METRICS.contains(name)) {
            metrics.put(name, HeadDraw.json("'" + bare + "'"));
          }
        }
        metrics.forEach((name, metric) -> metric(place, own, name, metric, values, notes, rows));
        known.addAll(metrics.keySet());
      }
      for (String name : values.propertyNames()) {
        if (!known.contains(name) && !NO_METRICS.contains(name)) {
          fault(combination, "%s has '%s', which nobody knows".formatted(place, name));
        }
      }
    }

    private void metric(
        String place,
        HeadAnswers own,
        String name,
        JsonNode metric,
        JsonNode values,
        JsonNode notes,
        int[] rows) {
      Answers seen = own.of(metric, rows);
      Answers stored = own.stored(metric, rows);
      double expected = Judge.value(metric, seen);
      JsonNode reported = values.path(name);
      boolean right =
          Double.isNaN(expected)
              ? reported.isNull() && notes.has(name)
              : reported.isNumber()
                  && (Verdict.isRight(metric, seen, reported.doubleValue())
                      || (stored != null
                          && Verdict.isRight(metric, stored, reported.doubleValue())));
      comparisons.add(
          place,
          own.head().text() + " " + metric,
          right,
          "%s is %s, expected %s%n  %s"
              .formatted(
                  name,
                  reported.isMissingNode() ? "absent" : reported,
                  Double.isNaN(expected) ? "null and a note, got the notes " + notes : expected,
                  combination.job()));
    }

    private void loss(String place, JsonNode values, int[] rows) {
      double sum = penalties;
      StringBuilder text = new StringBuilder();
      for (HeadAnswers own : answers.values()) {
        double loss = own.loss(rows);
        sum += combination.weight(own.head()) * loss;
        text.append(own.head().text()).append("; ");
        if (answers.size() > 1) {
          lossOf(place, own.head().text(), own.head().target() + "_loss", loss, values);
        }
      }
      lossOf(place, text.toString(), "loss", sum, values);
    }

    private void lossOf(String place, String text, String name, double expected, JsonNode values) {
      JsonNode reported = values.path(name);
      comparisons.add(
          place,
          text + " loss",
          reported.isNumber() && Verdict.isClose(reported.doubleValue(), expected),
          "%s is %s, expected %s%n  %s"
              .formatted(
                  name,
                  reported.isMissingNode() ? "absent" : reported,
                  expected,
                  combination.job()));
    }

    /** What is copied must be the same. */
    private void same(String place, JsonNode copied) {
      for (String part : List.of("val_", "test_")) {
        JsonNode from = part.equals("val_") ? job.get("best") : job.get("metrics");
        for (var member : from.properties()) {
          if (member.getKey().startsWith(part)) {
            comparisons.add(
                place,
                "copied",
                member.getValue().equals(copied.path(member.getKey())),
                "%s is %s, the job has %s"
                    .formatted(member.getKey(), copied.path(member.getKey()), member.getValue()));
          }
        }
      }
    }

    private void evaluated(String place, String part, String more) {
      ObjectNode body = HeadDraw.object(more);
      ObjectNode dataset = body.putObject("dataset").put("name", combination.table().name());
      if (!part.equals("all")) {
        dataset.put("where", "part = '%s'".formatted(part));
      }
      Http.Answer answer = http.post(path + "/evaluation", body.toString());
      if (answer.status() != 200) {
        comparisons.fault("%s answers %s%n  %s".formatted(place, answer, combination.job()));
        return;
      }
      evaluation(place, answer.json(), part);
    }

    private void evaluation(String place, JsonNode evaluation, String part) {
      values(place, evaluation.get("metrics"), evaluation.path("metric_notes"), part, true);
      int[] rows = combination.table().part(part);
      for (HeadAnswers own : answers.values()) {
        int[][] counts = own.confusion(rows);
        JsonNode reported = evaluation.at("/confusion/" + own.head().target() + "/counts");
        if (counts != null) {
          comparisons.add(
              place,
              own.head().text() + " confusion",
              reported.toString().equals(Arrays.deepToString(counts).replace(" ", "")),
              "confusion is %s, expected %s%n  %s"
                  .formatted(reported, Arrays.deepToString(counts), combination.job()));
        }
      }
    }

    private void batch() {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      body.put("model", combination.name()).set("version", job.at("/result/version"));
      body.putObject("dataset").put("name", combination.table().name());
      body.putObject("result").put("dataset", combination.name() + "-out");
      JsonNode done =
          http.await(http.post("/v1/batch-predictions", body.toString()).expect(202).location());
      if (!done.path("state").stringValue().equals("succeeded")) {
        fault(combination, "the batch prediction ended as " + done.path("error"));
        return;
      }
      values(
          "batch prediction", done.path("metrics"), done.at("/metrics/metric_notes"), "all", true);
    }

    private void routes() {
      List<ObjectNode> rows =
          combination.table().rows().subList(0, 20).stream().map(this::instance).toList();
      String fault =
          routes.fault(combination.name(), job.at("/result/version").intValue(), rows, true);
      comparisons.add(
          "routes",
          answers.values().iterator().next().head().text(),
          fault == null,
          "%s%n  %s".formatted(fault, combination.job()));
    }

    private ObjectNode instance(ObjectNode row) {
      ObjectNode instance = JsonNodeFactory.instance.objectNode();
      combination
          .job()
          .at("/model/inputs/x/columns")
          .forEach(column -> instance.set(column.stringValue(), row.get(column.stringValue())));
      return instance;
    }

    private void condition() {
      JsonNode when = combination.job().at("/on_success/when");
      if (when.isMissingNode()) {
        return;
      }
      var condition = when.properties().iterator().next();
      String name = condition.getKey();
      boolean test = name.startsWith("test_");
      JsonNode reported = (test ? job.get("metrics") : job.get("best")).path(name);
      boolean min = condition.getValue().has("min");
      double bound = condition.getValue().get(min ? "min" : "max").doubleValue();
      double value = reported.asDouble(Double.NaN);
      boolean met = min ? value >= bound : value <= bound;
      boolean moved = job.at("/result/alias/moved").asBoolean(false);
      comparisons.add(
          "condition of an alias",
          name,
          met == moved,
          "%s is %s, the bound %s, and the alias moved: %s%n  %s"
              .formatted(name, reported, condition.getValue(), moved, combination.job()));
    }

    /** What the objective is in the epoch that it chooses. */
    private double chosen(String objective, String direction) {
      JsonNode epochs =
          http.get("/v1/jobs/" + job.get("id").stringValue() + "/metrics").json().get("epochs");
      if (combination.job().at("/training/publish").asString("").equals("last")) {
        return epochs.get(epochs.size() - 1).path(objective).asDouble(Double.NaN);
      }
      var values = epochs.valueStream().mapToDouble(each -> each.path(objective).asDouble());
      return (direction.equals("max") ? values.max() : values.min()).orElse(Double.NaN);
    }

    /** A trial with the job's own seed reports what the job reports. */
    private void sweep() {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      ObjectNode own = combination.job().deepCopy();
      own.remove("on_success");
      ((ObjectNode) own.get("model")).put("name", combination.name() + "-sweep");
      body.set("job", own);
      body.putObject("parameters").putArray("/training/seed").add(own.at("/training/seed"));
      String objective = "val_loss";
      for (var member : job.get("best").properties()) {
        if (member.getKey().startsWith("val_") && member.getValue().isNumber()) {
          objective = member.getKey();
        }
      }
      body.put("objective", objective);
      Http.Answer submitted = http.post("/v1/sweeps", body.toString());
      if (submitted.status() != 202) {
        fault(combination, "the sweep by %s answers %s".formatted(objective, submitted));
        return;
      }
      JsonNode done = http.await(submitted.location());
      double mean = done.at("/trials/0/mean").asDouble(Double.NaN);
      double expected = chosen(objective, done.at("/request/direction").asString(""));
      comparisons.add(
          "sweep",
          "objective",
          Verdict.isClose(mean, expected),
          "%s is %s, the job has %s%n  %s".formatted(objective, mean, expected, combination.job()));
    }
  }
}
