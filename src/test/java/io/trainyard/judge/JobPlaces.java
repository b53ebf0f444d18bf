package io.trainyard.judge;

import io.trainyard.Http;
import io.trainyard.cli.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads an ended job, or a sweep, at every place that shows it whole: alone, in lists, in its last
 * event, as another caller and on the command line. All have the same state, owner and numbers, and
 * a caller who is bound to other models sees nothing of it.
 *
 * @param key of the caller
 * @param name of the caller, who owns what it submits
 * @param admin sees everything
 * @param stranger is bound to other models
 */
record JobPlaces(
    Http http, String key, String name, Http admin, Http stranger, Comparisons comparisons) {
  /** What an answer has only for a moment: the worker is still busy. */
  private static final Set<String> PASSING = Set.of("releasing");

  void compare(FormDraw draw, String path, JsonNode ended) {
    same(draw, "job", "state", ended.get("state"), text(draw.state()));
    same(draw, "stranger", "status", number(stranger.get(path).status()), number(404));
    List<JsonNode> jobs = new ArrayList<>();
    if (draw.isSweep()) {
      String id = ended.get("id").stringValue();
      jobs.add(http.job("/v1/jobs/" + id));
      http.job("/v1/jobs?page_size=500&sweep=" + id).get("jobs").forEach(jobs::add);
      sweep(draw, ended, jobs);
    } else {
      jobs.add(ended);
    }
    jobs.forEach(job -> read(draw, job));
    lists(draw, "/v1/jobs", "jobs", jobs);
    commandLine(draw, jobs);
  }

  /** Sweeps are jobs too, and so are their trainings. */
  private void sweep(FormDraw draw, JsonNode sweep, List<JsonNode> jobs) {
    JsonNode own = jobs.getFirst();
    for (var member : sweep.properties()) {
      if (own.has(member.getKey()) && !member.getKey().equals("best")) {
        same(draw, "sweep", member.getKey(), member.getValue(), own.get(member.getKey()));
      }
    }
    for (String member : List.of("owner", "tags", "description", "archived")) {
      same(draw, "sweep", member, sweep.get(member), own.get(member));
    }
    String path = "/v1/sweeps/" + sweep.get("id").stringValue();
    whole(draw, "done", http.events(path, 0).getLast().data(), sweep);
    lists(draw, "/v1/sweeps", "sweeps", List.of(sweep));
    for (JsonNode trial : sweep.get("trials")) {
      trial(draw, trial, jobs);
    }
    if (draw.state().equals("succeeded")) {
      JsonNode refit = found(jobs, sweep.at("/best/refit"));
      same(draw, "sweep", "result", sweep.get("result"), refit.get("result"));
    }
  }

  private void trial(FormDraw draw, JsonNode trial, List<JsonNode> jobs) {
    List<JsonNode> folds = trial.get("jobs").valueStream().map(each -> found(jobs, each)).toList();
    boolean succeeded = draw.state().equals("succeeded");
    comparisons.add(
        "trial",
        "state",
        succeeded
            ? folds.stream().allMatch(fold -> fold.get("state").equals(trial.get("state")))
            : folds.stream().anyMatch(fold -> fold.get("state").equals(trial.get("state"))),
        "%s of %s".formatted(trial, folds));
    if (succeeded) {
      double sum = 0;
      for (int fold = 0; fold < folds.size(); fold++) {
        JsonNode value = folds.get(fold).get("best").get("val_loss");
        same(draw, "trial", "fold", trial.get("folds").get(fold), value);
        sum += value.doubleValue();
      }
      double off = trial.get("mean").doubleValue() * folds.size() - sum;
      comparisons.add("trial", "mean", Math.abs(off) < 1e-9, "the mean of " + trial);
    }
  }

  private static JsonNode found(List<JsonNode> jobs, JsonNode id) {
    return jobs.stream().filter(job -> job.get("id").equals(id)).findFirst().orElseThrow();
  }

  private void read(FormDraw draw, JsonNode job) {
    String path = "/v1/jobs/" + job.get("id").stringValue();
    same(draw, "job", "owner", job.get("owner"), text(name));
    whole(draw, "read", http.job(path), job);
    whole(draw, "read by an administrator", admin.job(path), job);
    whole(draw, "done", http.events(path, 0).getLast().data(), job);
  }

  /** However a list is narrowed or sorted, it has all that match, as each is read alone. */
  private void lists(FormDraw draw, String path, String member, List<JsonNode> all) {
    List<JsonNode> ended =
        all.stream().filter(job -> job.get("state").stringValue().equals(draw.state())).toList();
    String ofModel = path + "?page_size=500&model=" + draw.model();
    listed(draw, ofModel, member, all);
    listed(draw, ofModel + "&state=" + draw.state(), member, ended);
    if (member.equals("jobs")) {
      listed(draw, ofModel + "&order_by=-state&owner=" + name, member, all);
    }
    same(draw, "stranger", path, stranger.job(ofModel).get(member), array());
  }

  private void listed(FormDraw draw, String query, String member, List<JsonNode> expected) {
    JsonNode shown = http.job(query).get(member);
    same(draw, "list", query, number(shown.size()), number(expected.size()));
    for (JsonNode each : shown) {
      whole(draw, "list", each, found(expected, each.get("id")));
    }
  }

  private void commandLine(FormDraw draw, List<JsonNode> jobs) {
    List<String> rows =
        Command.withKey(key, http.base(), "jobs", "--model", draw.model()).out().lines().toList();
    for (JsonNode job : jobs) {
      String id = job.get("id").stringValue();
      String state = job.get("state").stringValue();
      String code = job.at("/error/code").asString("");
      String row = rows.stream().filter(line -> line.contains(id)).findFirst().orElse("");
      comparisons.add("line", "state", row.contains("\t" + state + "\t"), row + " of " + job);
      String sentence = Command.withKey(key, http.base(), "jobs", id).out();
      boolean agrees =
          sentence.startsWith(id + " " + state)
              && (code.isEmpty() || sentence.contains("(" + code + ")"));
      comparisons.add("sentence", "state", agrees, sentence + " of " + job);
    }
  }

  private void whole(FormDraw draw, String place, JsonNode given, JsonNode expected) {
    ObjectNode all = ((ObjectNode) given).deepCopy().remove(PASSING);
    for (var member : ((ObjectNode) expected).deepCopy().remove(PASSING).properties()) {
      same(draw, place, member.getKey(), all.remove(member.getKey()), member.getValue());
    }
    same(draw, place, "other members", all, JsonNodeFactory.instance.objectNode());
  }

  private void same(
      FormDraw draw, String place, String what, @Nullable JsonNode given, @Nullable JsonNode own) {
    comparisons.add(
        place,
        what,
        Objects.equals(given, own),
        "%s, expected %s%n  %s".formatted(given, own, draw.body()));
  }

  private static JsonNode text(String text) {
    return JsonNodeFactory.instance.stringNode(text);
  }

  private static JsonNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  private static JsonNode number(int number) {
    return JsonNodeFactory.instance.numberNode(number);
  }
}
