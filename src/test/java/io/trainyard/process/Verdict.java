package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Collects everything that is wrong after the faults. */
final class Verdict {
  private final Http http;
  private final Map<JobTemplate, byte[]> expected;
  private final List<String> wrongs = new ArrayList<>();
  private final Map<String, Integer> ends = new java.util.TreeMap<>();
  private int furtherAttempts;

  /**
   * @param expected the weights of undisturbed runs
   */
  Verdict(Http http, Map<JobTemplate, byte[]> expected) {
    this.http = http;
    this.expected = expected;
  }

  /** The weights of each recipe without faults. */
  static Map<JobTemplate, byte[]> undisturbed(Http http, java.time.Duration limit) {
    Map<JobTemplate, String> paths = new EnumMap<>(JobTemplate.class);
    for (JobTemplate recipe : JobTemplate.values()) {
      paths.put(
          recipe, http.submit(recipe.job("calm-" + recipe.model(), "line", JobTemplate.EPOCHS)));
    }
    Map<JobTemplate, byte[]> weights = new EnumMap<>(JobTemplate.class);
    paths.forEach(
        (recipe, path) ->
            weights.put(recipe, weights(http, "calm-" + recipe.model(), http.await(path, limit))));
    return weights;
  }

  private static byte[] weights(Http http, String model, JsonNode job) {
    int version = job.at("/result/version").intValue();
    return http.get("/v1/models/" + model + "/versions/" + version + "/weights")
        .expect(200)
        .bytes();
  }

  /** Checks all accepted jobs. */
  void judge(SubmittedJobs ledger) {
    wrongs.addAll(ledger.oddities());
    if (ledger.entries().size() != ledger.size()) {
      wrongs.add("only " + ledger.entries().size() + " of " + ledger.size() + " were accepted");
    }
    Map<JobTemplate, Set<Integer>> versions = new EnumMap<>(JobTemplate.class);
    Set<String> paths = new HashSet<>();
    for (SubmittedJobs.Entry entry : ledger.entries()) {
      if (!paths.add(entry.path())) {
        wrongs.add(entry.path() + " was given to two callers");
      }
      judge(entry, versions.computeIfAbsent(entry.recipe(), _ -> new HashSet<>()));
    }
    versions.forEach(this::judgeVersions);
    int jobs = count("/v1/jobs?page_size=500", "jobs") - expected.size() - 1;
    if (jobs != ledger.size()) {
      wrongs.add(ledger.size() + " jobs were accepted, " + jobs + " are there");
    }
  }

  private void judge(SubmittedJobs.Entry entry, Set<Integer> versions) {
    JsonNode job = http.get(entry.path()).expect(200).json();
    String state = job.get("state").stringValue();
    ends.merge(state, 1, Integer::sum);
    furtherAttempts += Math.max(0, job.get("attempt").intValue() - 1);
    boolean published = job.at("/result/version").isNumber();
    if (!state.equals("succeeded") && !(entry.cancelled() && state.equals("cancelled"))) {
      wrongs.add(entry.path() + " ended in another state: " + job);
    }
    if (published != state.equals("succeeded")) {
      wrongs.add(entry.path() + " is " + state + " and published is " + published);
    }
    if (published && !versions.add(job.at("/result/version").intValue())) {
      wrongs.add(entry.path() + " has a version that another has");
    }
    if (published
        && !Arrays.equals(
            weights(http, entry.recipe().model(), job), expected.get(entry.recipe()))) {
      wrongs.add(entry.path() + " has other weights than the undisturbed run: " + job);
    }
    judgeEvents(entry, state.equals("succeeded"));
  }

  private void judgeEvents(SubmittedJobs.Entry entry, boolean whole) {
    List<Integer> seen = entry.watcher().epochs();
    int last = whole ? JobTemplate.EPOCHS : seen.size();
    if (!seen.equals(numbers(last))) {
      wrongs.add(entry.path() + " was seen with the epochs " + seen);
    }
    List<Integer> ids = entry.watcher().ids();
    if (!entry.watcher().done() || !ids.equals(numbers(ids.size()))) {
      wrongs.add(entry.path() + " was seen with the events " + ids);
    }
    int recorded = count(entry.path() + "/metrics", "epochs");
    if (recorded != last) {
      wrongs.add(entry.path() + " has " + recorded + " epochs, seen were " + last);
    }
  }

  private static List<Integer> numbers(int last) {
    return IntStream.rangeClosed(1, last).boxed().toList();
  }

  private void judgeVersions(JobTemplate recipe, Set<Integer> named) {
    int there = count("/v1/models/" + recipe.model() + "/versions?page_size=500", "versions");
    if (there != named.size()) {
      wrongs.add(recipe + " has " + there + " versions, jobs name " + named.size());
    }
  }

  private int count(String path, String list) {
    return http.get(path).expect(200).json().get(list).size();
  }

  /** Checks the processes. */
  void judge(Fleet fleet) {
    fleet.members().forEach(member -> wrongs.addAll(member.deaths()));
  }

  /** Adds a failure that was seen during the run. */
  void note(String wrong) {
    wrongs.add(wrong);
  }

  void assertNothingWrong() {
    System.out.println("ends: " + ends + ", attempts after the first: " + furtherAttempts);
    assertThat(wrongs).isEmpty();
  }
}
