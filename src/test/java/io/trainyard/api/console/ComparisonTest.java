package io.trainyard.api.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Runs beside each other, sweeps, and long lists of jobs, in a browser. */
class ComparisonTest extends ConsoleFixture {
  private static final String CURVES = "runs-chart path.curve";

  @Autowired private DataSource database;

  @BeforeAll
  void sample() {
    http.sample("xor");
  }

  @Test
  void runsAreChosenComparedAndTheAddressSaysHow() {
    List<String> jobs =
        List.of(trained("compared", 2, 1), trained("compared", 2, 2), trained("compared", 5, 1));
    browser.open("/jobs?model=compared");
    for (String job : jobs) {
      browser.see("input[aria-label$='" + job.substring(job.length() - 8) + "']").click();
    }
    browser.read("3 jobs chosen");
    browser.expectAccessible("chosen jobs");
    browser.press("Compare");
    browser.expect("a curve of each", () -> count(CURVES) == 3);
    browser.read("units 5, seed 1");
    browser.read("/model/network/layers/0/units");
    browser.read("/training/seed");
    assertThat(browser.text()).contains("★", "600 points");
    browser.expectAccessible("a comparison");
    browser.illustrate("compare");

    // The others keep their looks, and the address says so to a colleague.
    String before = looks();
    browser.see("button[title='Leave it out']").click();
    browser.expect("two curves", () -> count(CURVES) == 2);
    assertThat(looks()).isEqualTo(before.substring(before.indexOf(' ') + 1));
    browser.open("/compare?jobs=" + String.join(",", jobs) + "&mean=1&metric=loss&log=1");
    browser.read("units 2, mean of 2");
    browser.expect("a curve of each and their mean", () -> count(CURVES) == 2);
    assertThat(count("runs-chart path.band")).isEqualTo(1);
    assertThat(
            browser.run(
                "return performance.getEntriesByType('resource').filter((each) =>"
                    + " each.name.endsWith('points=1000&metric=loss')).length"))
        .as("the extremes of the metric that is shown")
        .isEqualTo(3L);
    assertThat(
            browser.run(
                "return import(performance.getEntriesByType('resource').find((each) =>"
                    + " each.name.endsWith('/parts/chart.js')).name).then(({tick, ticks}) =>"
                    + " [[0.9876, 0.9877, 4], [0.32, 0.45, 1]].map((each) =>"
                    + " ticks(...each).map(tick).join(' ')).join(', '))"))
        .as("ticks that differ, and two at least")
        .isEqualTo("0.9876 0.98765 0.9877, 0.35 0.4 0.45");

    // A stretch of the axis is asked for again.
    browser.open("/compare?jobs=" + String.join(",", jobs) + "&from=50&until=80&smooth=0.5");
    browser.read("93 points");
    assertThat(count("runs-chart path.raw")).isEqualTo(3);
    assertThat(copiedBy("Copy as SVG loss"))
        .startsWith("<svg")
        .contains("units 5, seed 1", "stroke=\"rgb(")
        .doesNotContain("style=", "var(", "<!--");
    for (String scheme : List.of("light", "dark")) {
      browser.screen(360, 900, scheme);
      browser.expectAccessible("a narrow comparison, " + scheme);
      browser.picture("compare-360-" + scheme);
    }
    browser.expectNoComplaint("a comparison");
  }

  /** The curve of a job that trains grows, of all on one stream, and its end is told. */
  @Test
  void aComparisonGrows() {
    String done = trained("growing", 2, 1);
    String job = http.submit(training("growing", 3, 2, 1_000_000));
    browser.open("/compare?jobs=" + done + "," + id(job));
    browser.expect("both curves", () -> count(CURVES) == 2);
    browser.read("running");
    String early = last();
    browser.expect("later epochs", () -> !last().equals(early));
    assertThat(
            browser.run(
                "return performance.getEntriesByType('resource').filter((each) =>"
                    + " each.name.includes('/v1/events')).length"))
        .isIn(0L, 1L);
    var _ = http.post(job + "/stop");
    browser.expect("its end", () -> !browser.text().contains("running"));
    browser.expectNoComplaint("a comparison that grows");

    var _ = http.delete("/v1/jobs/" + done).expect(204);
    browser.open("/compare?jobs=" + done + "," + id(job));
    browser.read("A run is not here");
    browser.press("Leave it out: " + done);
    browser.expect("the other alone", () -> !browser.text().contains("A run is not here"));
    browser.expectComplaint("404");
  }

  @Test
  void aSweepShowsItsTrialsItsBestOneAndIsStopped() {
    JsonNode sweep = http.await(http.post("/v1/sweeps", sweep("swept", 60)).expect(202).location());
    browser.open("/sweeps?model=swept");
    browser.read("learning rate, units");
    browser.expectAccessible("the sweeps");
    browser.picture("sweeps");
    browser.press("swept");
    browser.read("The best: trial");
    assertThat(count("parallel-plot .lines path")).isEqualTo(4);
    assertThat(browser.see("tr.best").getText()).contains("★ 1");
    String best = String.valueOf(sweep.at("/best/trial"));
    browser.press("units ↕");
    browser.press("units ↑");
    assertThat(browser.see("sweep-page tbody tr td:nth-child(4)").getText()).isEqualTo("3");
    assertThat(String.valueOf(browser.run("return location.search"))).contains("sort=-");
    browser.expectAccessible("a sweep");
    browser.illustrate("sweep");
    browser.screen(360, 900, "dark");
    browser.expectAccessible("a narrow sweep");
    browser.picture("sweep-360");
    desktop();
    browser.press("Compare the best 4");
    browser.expect("four curves", () -> count(CURVES) == 4);
    browser.read("units 3");

    String going = http.post("/v1/sweeps", sweep("swept-on", 1_000_000)).expect(202).location();
    browser.open(going.substring("/v1".length()));
    browser.read("have ended");
    // By keyboard, as all buttons.
    browser.see("sweep-page button.danger").sendKeys(Keys.ENTER);
    browser.read("cancelled");
    browser.press("Search again");
    browser.read("Cancel");
    browser.press("Cancel");
    browser.read("cancelled");
    assertThat(best).isNotEqualTo("null");
    browser.expectNoComplaint("sweeps");
  }

  /** The first rows are there soon, and the others when one asks. */
  @Test
  void aThousandJobsAreListedAndFilteredByMetricAndTags() {
    String job = trained("listed", 2, 1);
    JdbcClient jdbc = JdbcClient.create(database);
    copyJob(jdbc, job, 1_000);
    try {
      browser.open("/jobs");
      browser.read("The first 50 are shown");
      Object after =
          browser.run(
              "return Math.max(performance.getEntriesByName('first-contentful-paint')[0].startTime,"
                  + " ...performance.getEntriesByType('resource').filter((each) =>"
                  + " each.name.includes('/v1/jobs')).slice(0, 1).map((each) =>"
                  + " each.responseEnd))");
      System.out.println("1,000 jobs: the first rows after " + after + " ms");
      browser.press("Show more");
      browser.read("The first 100 are shown");
      assertThat(count("jobs-page tbody tr")).isEqualTo(100);

      // Copy n has the loss n / 10, beyond all others in the end; every tenth one has the tag.
      browser.open("/jobs?tag=team:a&metric=best.loss&order=best.loss&bound=5.5");
      browser.read("5 jobs");
      assertThat(count("jobs-page tbody tr")).isEqualTo(5);
      browser.press("place: b");
      browser.read("No job is like that");
      browser.press("Show all jobs");
      browser.read("The first 50 are shown");
      // Other tests of this service left jobs with larger losses.
      browser.open("/jobs?model=listed&metric=best.loss&order=best.loss");
      browser.press("loss, best epoch ↑");
      browser.expect(
          "the worst first", () -> browser.see("jobs-page tbody td.value").getText().equals("100"));
      // Not what its last epoch was: the best one is published.
      assertThat(browser.see("jobs-page tbody td.what").getText()).contains("loss 100");
      browser.expectAccessible("sorted jobs");
      browser.picture("jobs-sorted");
      browser.expectNoComplaint("a thousand jobs");
    } finally {
      var _ = jdbc.sql("delete from jobs where model = 'listed'").update();
    }
  }

  /** Copies an ended job in the database: to train so many would take a minute. */
  private static void copyJob(JdbcClient jdbc, String job, int times) {
    List<String> columns =
        jdbc.sql("select column_name from information_schema.columns where table_name = 'JOBS'")
            .query(String.class)
            .list();
    String id = "'01a00000-0000-7000-8000-' || lpad(cast(r.x as varchar), 12, '0')";
    String values =
        String.join(", ", columns)
            .replaceFirst("\\bID\\b", id)
            .replaceFirst(
                "\\bBEST_RECORD\\b",
                "'{\"epoch\": 2, \"phase\": null, \"learning_rate\": 0.1, \"seconds\": 0.1,"
                    + " \"loss\": ' || (r.x / 10.0) || '}'")
            .replaceFirst("\\bTAGS\\b", "'{\"team\": \"a\", \"place\": \"b\"}'");
    String from = " from jobs j, system_range(1, %d) r where j.id = :job".formatted(times);
    var _ =
        jdbc.sql("insert into jobs (" + String.join(", ", columns) + ") select " + values + from)
            .param("job", job)
            .update();
    var _ =
        jdbc.sql(
                "insert into job_values (job_id, name, amount) select "
                    + id
                    + ", 'best.loss', r.x / 10.0"
                    + from)
            .param("job", job)
            .update();
    var _ =
        jdbc.sql(
                "insert into job_tags (job_id, name, content) select "
                    + id
                    + ", 'team', 'a'"
                    + from
                    + " and mod(r.x, 10) = 0")
            .param("job", job)
            .update();
  }

  /** What somebody else changed since is shown before one changes it again. */
  @Test
  void aChangeOfSomebodyElseIsShown() {
    String job = "/v1/jobs/" + trained("two-people", 2, 1);
    browser.open(job.substring("/v1".length()));
    browser.read("Archive");
    // What is meant is what was shown when one pressed: the page itself may read the other's tag
    // before that.
    browser.see("job-page button.danger").sendKeys(Keys.ENTER);
    browser.read("Delete this job");
    tag(job, "keep");
    browser.see("ask-dialog button.main").click();
    browser.read("Somebody else changed it first");
    browser.read("Tag keep");
    browser.expectComplaint("412");
    http.get(job).expect(200);

    var _ = http.await(http.submit(training("two-people", 2, 2, 20)));
    var _ = http.put("/v1/models/two-people/aliases/production", "{\"version\": 1}").expect(200);
    browser.open("/models/two-people");
    browser.press("Promote version 2");
    browser.read("production goes from version 1 to version 2.");
    var _ = http.put("/v1/models/two-people/aliases/production", "{\"version\": 2}").expect(200);
    var _ = http.put("/v1/models/two-people/aliases/production", "{\"version\": 1}").expect(200);
    browser.see("ask-dialog button.main").click();
    browser.read("Somebody else changed it first");
    browser.expect(
        "the moves of the other",
        () -> browser.see("model-page .moves").getText().split("\n").length == 3);
    browser.expectComplaint("412");
  }

  /** Who presses a button with a key goes on from there. */
  @Test
  void aJobIsArchivedRetriedAndDeletedByKeyboard() {
    String job = trained("by-keyboard", 2, 1);
    tag("/v1/jobs/" + job, "old");
    browser.open("/jobs/" + job);
    browser.read("Tag old");
    browser.press("Change the note and the tags");
    browser.see("label-form textarea[name=note]").sendKeys("the first try");
    browser.see("label-form textarea[name=tags]").clear();
    browser.see("label-form textarea[name=tags]").sendKeys("team: a:b");
    browser.expectAccessible("a job whose tags are changed");
    browser.press("Save");
    browser.read("Tag team");
    assertThat(browser.text()).contains("the first try", "a:b").doesNotContain("Tag old");

    focus("Archive");
    browser.type(Keys.ENTER);
    browser.read("Bring back");
    browser.expect("the focus to stay", () -> focused().equals("Bring back"));
    browser.type(Keys.SPACE);
    browser.expect("the focus to stay", () -> focused().equals("Archive"));
    browser.type(Keys.TAB);
    assertThat(focused()).isEqualTo("Delete");
    browser.type(Keys.ENTER);
    browser.read("Delete this job");
    browser.type(Keys.ESCAPE);
    browser.expect("the focus to come back", () -> focused().equals("Delete"));
    focus("Train again");
    browser.type(Keys.ENTER);
    browser.expect(
        "the new job", () -> !String.valueOf(browser.run("return location.href")).contains(job));
    browser.open("/jobs/" + job);
    focus("Delete");
    browser.type(Keys.ENTER);
    browser.read("Delete this job");
    browser.type(Keys.ENTER);
    browser.expect("the list", () -> browser.see("h1").getText().equals("Jobs"));
    http.get("/v1/jobs/" + job).expect(404);
    browser.expectNoComplaint("buttons by keyboard");
  }

  private void focus(String name) {
    browser.read(name);
    var _ =
        browser.run(
            "[...document.querySelectorAll('main button')].find((each) => each.textContent.trim()"
                + " === arguments[0]).focus()",
            name);
  }

  private String focused() {
    return String.valueOf(browser.run("return document.activeElement.textContent.trim()"));
  }

  private void tag(String job, String name) {
    var _ =
        http.send(
                "PATCH",
                job,
                Http.utf8("{\"tags\": {\"%s\": \"yes\"}}".formatted(name)),
                "Content-Type",
                "application/merge-patch+json")
            .expect(200);
  }

  private String looks() {
    return String.valueOf(
        browser.run(
            "return [...document.querySelectorAll('runs-chart path.curve')].map((each) =>"
                + " each.getAttribute('class').replace('curve ', '')).join(' ')"));
  }

  /** The end of the last curve. */
  private String last() {
    return String.valueOf(
        browser.run(
            "return [...document.querySelectorAll('compare-page tbody td:nth-child(4)')].map((each)"
                + " => each.textContent).join()"));
  }

  private String trained(String model, int units, int seed) {
    String job = http.submit(training(model, units, seed, 200));
    assertThat(http.await(job).get("state").stringValue()).isEqualTo("succeeded");
    // Until then a page reads it every second.
    browser.expect("the end", () -> http.get(job).json().get("releasing").isNull());
    return id(job);
  }

  private static String id(String job) {
    return job.substring(job.lastIndexOf('/') + 1);
  }

  private static String training(String model, int units, int seed, int epochs) {
    return """
    {
      "model": %s,
      "dataset": {"name": "xor", "split": {"validation": 0}},
      "training": {"loss": "mse", "epochs": %d, "metrics": ["mae"], "seed": %d}
    }
    """
        .formatted(model(model, units), epochs, seed);
  }

  private static String model(String name, int units) {
    return """
    {"name": "%s", "inputs": {"x": {"columns": ["x1", "x2"]}}, "targets": {"y": {"column": "y"}},
     "network": {"layers": [
       {"type": "dense", "units": %d, "activation": "tanh"},
       {"type": "dense", "units": 1, "activation": "sigmoid"}]}}
    """
        .formatted(name, units);
  }

  private static String sweep(String model, int epochs) {
    return """
    {"parameters": {"/training/optimizer/learning_rate": [0.01, 0.05], "/model/network/layers/0/units": [2, 3]},
     "objective": "val_loss",
     "job": {"model": %s, "dataset": {"name": "xor", "split": {"validation": 0.25}},
       "training": {"loss": "mse", "epochs": %d, "seed": 1, "optimizer": {"type": "adam", "learning_rate": 0.01}}}}
    """
        .formatted(model(model, 2), epochs);
  }
}
