package io.trainyard.api.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/**
 * The console in a browser, from an empty service on: what a person sees, presses and reads. After
 * each test the browser has said no error, refused nothing and asked no other server.
 */
// A service of its own, because the first test needs an empty one.
@TestPropertySource(properties = "logging.level.io.trainyard.console=info")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConsoleTest extends ConsoleFixture {
  private static final String UNDERSTOOD_CLASSES =
      """
      {
        "model": {
          "name": "understood-classes",
          "inputs": {"x": {"columns": ["sepal_length", "sepal_width", "petal_length", "petal_width"], "scale": "standard"}},
          "targets": {"species": {"column": "species"}},
          "network": {"layers": [
            {"type": "dense", "name": "hidden", "units": 6, "activation": "tanh"},
            {"type": "dense", "name": "out", "units": 3, "activation": "softmax"}]}
        },
        "dataset": {"name": "iris", "split": {"test": 0.4, "stratify": "species"}},
        "training": {"loss": "categorical_crossentropy", "epochs": 20, "seed": 1, "metrics": ["accuracy"],
          "diagnostics": [{"frames": {"x": "petal_length", "y": "petal_width", "steps": 20}}]}
      }
      """;

  private static final String UNDERSTOOD_NUMBERS =
      """
      {
        "model": {
          "name": "understood-numbers",
          "inputs": {"x": {"columns": ["area", "rooms", "age", "district"], "scale": "standard"}},
          "targets": {"price": {"column": "price", "scale": "standard"}},
          "network": {"layers": [{"type": "dense", "name": "out", "units": 1}]}
        },
        "dataset": {"name": "houses", "split": {"test": 0.2}},
        "training": {"loss": "mse", "epochs": 20, "seed": 1, "metrics": ["mae"]}
      }
      """;

  @Test
  @Order(1)
  void anEmptyServiceTeachesANetWithOneButton() {
    browser.open("");
    browser.expectAccessible("the empty start");
    browser.picture("start-empty");
    browser.press("Teach it XOR");
    browser.read("All of this is kept by one job");
    browser.read("epoch 300 ");
    assertThat(browser.text()).contains("0 xor 1", "✓ right").doesNotContain("✕ wrong");
    assertThat(http.get("/v1/models/xor-lesson/versions").json().get("versions")).hasSize(1);
    assertThat(http.get("/v1/jobs").json().get("jobs")).hasSize(1);
    assertThat(browser.see("net-lesson path.curve").getAttribute("d")).contains("L");
    assertThat(
            String.valueOf(
                browser.run("return document.querySelector('net-view line title').textContent")))
        .matches("-?[0-9.]+");
    String atTheEnd = picture("net-lesson");
    var _ =
        browser.run(
            """
            const slider = document.querySelector('input[type=range]');
            slider.value = 0;
            slider.dispatchEvent(new Event('input', {bubbles: true}));
            """);
    browser.read("epoch 1 ");
    assertThat(picture("net-lesson")).isNotEqualTo(atTheEnd);
    browser.expectAccessible("the lesson");
    // What was learned survives a reload.
    String address = address();
    browser.open(address);
    browser.read("All of this is kept by one job");
    assertThat(picture("net-lesson")).isEqualTo(atTheEnd);
    browser.illustrate("lesson");
    browser.expectNoComplaint("the lesson");
  }

  @Test
  @Order(2)
  void theLessonIsChangedAndALinkShowsTheSame() {
    browser.open("?lesson=xor");
    int before = http.get("/v1/jobs").json().get("jobs").size();
    choose("What it learns", "circles");
    browser.read("close a ring around the circle");
    browser.expectAccessible("the lesson before it is taught");
    choose("Hidden layer", "3");
    choose("Second hidden layer", "2");
    choose("Activation", "relu");
    choose("Learning rate", "0.03");
    browser.press("Teach it");
    browser.read("of 200 rows are told right");
    browser.read("All of this is kept by one job");
    JsonNode request = http.get("/v1/jobs").json().at("/jobs/0/request");
    assertThat(request.at("/dataset/name").stringValue()).isEqualTo("circles-lesson");
    assertThat(request.at("/training/optimizer/learning_rate").doubleValue()).isEqualTo(0.03);
    List<String> layers = new ArrayList<>();
    http.get("/v1/models/circles-lesson")
        .json()
        .at("/model/network/layers")
        .forEach(
            layer -> layers.add(layer.get("units") + " " + layer.get("activation").stringValue()));
    assertThat(layers).containsExactly("3 relu", "2 relu", "1 sigmoid");
    assertThat(count("net-view circle")).isEqualTo(8);
    browser.press("Copy as curl, Python or Java");
    assertThat(browser.text()).contains("\"units\": 3, \"activation\": \"relu\"");

    // The same rows are stored once.
    choose("Activation", "tanh");
    browser.press("Teach it");
    browser.expect(
        "another job", () -> http.get("/v1/jobs").json().get("jobs").size() == before + 2);
    browser.read("All of this is kept by one job");
    assertThat(http.get("/v1/datasets/circles-lesson").json().get("version").intValue())
        .isEqualTo(1);
    String seen = picture("net-lesson");
    browser.open(address());
    browser.read("All of this is kept by one job");
    assertThat(picture("net-lesson")).isEqualTo(seen);
    assertThat(chosen()).isEqualTo("circles 3 2 tanh 0.03");

    browser.expectNoComplaint("the changed lesson");

    // A lost connection is said, and it goes on by itself.
    browser.connect(false);
    var _ =
        browser.run(
            """
            const files = document.querySelector('script[type=module]').src.replace('app.js', '');
            return import(files + 'router.js').then(({ keep }) => keep({ job: arguments[0] }));
            """,
            http.get("/v1/jobs").json().at("/jobs/1/id").stringValue());
    browser.read("trying again");
    browser.connect(true);
    browser.read("of 200 rows are told right");
    browser.expect("an answer", () -> !browser.text().contains("trying again"));
    browser.expectComplaint("ERR_INTERNET_DISCONNECTED");

    // What an address says wrongly is the first lesson, and a deleted job can be taught again.
    browser.open("?lesson=hostile&layers=99,1,1&activation=x&rate=-1&job=nothing");
    browser.expect("an answer", () -> !browser.text().contains("Reading what it learned"));
    browser.read("exactly one input is true");
    assertThat(chosen()).isEqualTo("xor 4  tanh 0.1");
    browser.expectComplaint("404");
    browser.press("Close");
    browser.read("All quiet");
    assertThat(address()).isEmpty();
  }

  @Test
  @Order(3)
  void aJobShowsItsBoundaryBend() {
    http.sample("xor");
    String frames =
        "\"diagnostics\": [{\"frames\": {\"x\": \"x1\", \"y\": \"x2\", \"steps\": 20}}], \"seed\":"
            + " 4, ";
    String job =
        http.submit(training("bending", 1_000_000).replace("\"metrics\"", frames + "\"metrics\""));
    browser.open(job.substring("/v1".length()));
    browser.read("What it answers");
    browser.read("Across: x1");
    String before = picture("job-frames");
    browser.expect("a boundary that moves", () -> !picture("job-frames").equals(before));
    browser.press("Stop and publish");
    browser.read("Train again");
    browser.expect(
        "the last frame",
        () -> {
          JsonNode last = http.job(job + "/frames").get("frames");
          return browser.text().contains("epoch " + last.get(last.size() - 1).get("epoch"));
        });
    String atTheEnd = picture("job-frames");
    var _ =
        browser.run(
            """
            const slider = document.querySelector('job-frames input[type=range]');
            slider.value = 0;
            slider.dispatchEvent(new Event('input', {bubbles: true}));
            """);
    browser.read("epoch 1\n");
    assertThat(picture("job-frames")).isNotEqualTo(atTheEnd);
    browser.expectAccessible("a job with frames");
    browser.picture("job-frames");
    browser.expectNoComplaint("a job with frames");
  }

  private String picture(String part) {
    return String.valueOf(
        browser.run("return document.querySelector('%s canvas').toDataURL()".formatted(part)));
  }

  @Test
  @Order(4)
  void hostileTextsAreNeverMarkup() {
    http.sample("xor");
    String job = http.submit(training("hostile", 20));
    var _ = http.await(job);
    var _ =
        http.send(
                "PATCH",
                job,
                Http.utf8(
                    "{\"description\": %s, \"tags\": {\"team\": %s}}"
                        .formatted(quoted(HOSTILE), quoted(HOSTILE))),
                "Content-Type",
                "application/merge-patch+json")
            .expect(200);
    for (String page : List.of("/jobs", job.substring("/v1".length()))) {
      browser.open(page);
      browser.read("onerror");
      expectNoMarkup();
    }
    browser.expectNoComplaint("hostile texts");
  }

  @Test
  @Order(5)
  void everyPageIsForEveryoneOnEveryScreen() {
    String job = http.submit(training("screens", 40));
    var _ = http.await(job);
    for (String page :
        List.of(
            "",
            "/jobs",
            job.substring("/v1".length()),
            "/models",
            "/models/screens",
            "/datasets",
            "/datasets/xor",
            "/operations",
            "/nothing-here")) {
      for (String scheme : List.of("light", "dark")) {
        for (int width : new int[] {360, 1280, 3840}) {
          browser.screen(width, 900, scheme);
          browser.open(page);
          Http.pause(Duration.ofMillis(400));
          browser.expectAccessible(page + " " + width + " " + scheme);
          browser.picture(page.replaceAll("\\W+.*?(\\w*)$", "$1") + "-" + width + "-" + scheme);
        }
      }
    }
    browser.expectNoComplaint("every page");
  }

  @Test
  @Order(6)
  void curvesGrowSurviveAReloadAndTheJobIsStoppedByAButton() {
    http.sample("xor");
    String job = http.submit(training("curves", 1_000_000));
    browser.open(job.substring("/v1".length()));
    var _ = browser.see("line-chart path.curve");
    int early = epochs();
    assertThat(early).isPositive();
    browser.read("Stop and publish");
    browser.expect("later epochs", () -> epochs() > early);
    browser.open(job.substring("/v1".length()));
    var _ = browser.see("line-chart path.curve");
    assertThat(epochs()).isGreaterThan(early);
    browser.press("Stop and publish");
    browser.read("succeeded");
    browser.read("It published curves@1");
    String id = job.substring(job.length() - 8);
    assertThat(browser.run("return document.title")).isEqualTo("curves …" + id + " – Trainyard");
    assertThat(browser.text()).contains("training …" + id, "Learning rate", "at most 1,000,000");
    assertThat(copiedBy("Copy as SVG loss"))
        .startsWith("<svg")
        .contains("training")
        .doesNotContain("var(");
    browser.open(job.substring("/v1".length()) + "?smooth=0.9");
    var _ = browser.see("line-chart path.raw");
    browser.press("Train again");
    browser.read("Cancel");
    browser.press("Cancel");
    browser.read("cancelled");
    browser.expectNoComplaint("curves");
  }

  private int epochs() {
    return Integer.parseInt(
        String.valueOf(
            browser.run(
                "return document.querySelector('line-chart .value').textContent.match(/epoch"
                    + " ([0-9]+)/)[1]")));
  }

  @Test
  @Order(7)
  void chartsShareThePointerZoomAndPrint() {
    http.sample("xor");
    String job = http.submit(training("pointed", 100));
    var _ = http.await(job);
    browser.open(job.substring("/v1".length()));
    String loss = "line-chart:nth-of-type(1) ";
    String mae = "line-chart:nth-of-type(2) ";
    browser.read("100 epochs");
    browser.point(loss + "svg.over", 0.5);
    browser.expect(
        "the same epoch in both",
        () ->
            epochAt(loss) > 20
                && epochAt(loss) < 80
                && epochAt(loss) == epochAt(mae)
                && count(mae + "svg.over line.cross") == 1);

    browser.drag(loss + "svg.over", 0.4, 0.6);
    browser.read("Show the whole run");
    assertThat(address()).contains("from=", "until=");
    browser.expect("a part", () -> !browser.text().contains("100 epochs"));
    browser.doubleClick(mae + "svg.over");
    browser.read("100 epochs");
    assertThat(address()).doesNotContain("from=", "until=");

    // What was not in sight yet is printed, too.
    browser.screen(360, 300, "light");
    browser.open(address());
    browser.read("100 epochs");
    assertThat(count(mae + "path.curve")).isEqualTo(0);
    browser.print();
    assertThat(count(mae + "path.curve")).isEqualTo(1);
    browser.expectNoComplaint("the pointer");
  }

  /** The epoch that a chart tells. */
  private int epochAt(String chart) {
    String told = browser.see(chart + ".value").getText();
    return Integer.parseInt(told.replaceFirst("epoch (\\d+).*", "$1"));
  }

  @Test
  @Order(8)
  void theFilterStandsInTheAddressAndAJobIsFoundByItsName() {
    browser.open("/jobs?state=succeeded&model=curves");
    browser.read("curves");
    assertThat(browser.see("main table").getText()).doesNotContain("cancelled");
    browser.open("");
    var _ =
        browser.run(
            "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'k', ctrlKey: true, bubbles:"
                + " true}))");
    browser.see("command-palette input").sendKeys("cancelled curves");
    var _ = browser.see("command-palette li .name");
    browser.see("command-palette input").sendKeys("\n");
    browser.read("Train again");
    assertThat(browser.text()).contains("cancelled");
    browser.expectNoComplaint("the filter");
  }

  /** What a page shows to copy does what the page does. */
  @Test
  @Order(9)
  void theCopiedCallsRun() throws Exception {
    browser.open("/jobs?model=curves");
    browser.press("Copy as curl, Python or Java");
    assertThat(output("bash", "-c", shownCall())).contains("\"jobs\"", "curves");
    browser.press("Python");
    assertThat(output("python3", "-c", shownCall())).contains("jobs", "curves");
    browser.press("Java");
    assertThat(shownCall()).contains("HttpRequest.newBuilder", http.base() + "/v1/jobs");
    browser.expectNoComplaint("copied calls");
  }

  @Test
  @Order(10)
  void aVersionIsTriedWithASliderAndPromoted() {
    browser.open("/models/curves");
    String before = browser.see("try-form b.large").getText();
    var _ =
        browser.run(
            """
            const slider = document.querySelector("try-form input[type=range]");
            slider.value = slider.value === "0" ? "1" : "0";
            slider.dispatchEvent(new Event("input", {bubbles: true}));
            """);
    browser.expect(
        "another answer", () -> !browser.see("try-form b.large").getText().equals(before));
    browser.read("was " + before + ", in truth ");
    assertThat(browser.text()).contains("version 1 answers", "version 1 by job ");
    var _ = http.delete("/v1/models/curves/aliases/production").expect(204);
    browser.open("/models/curves");
    browser.read("newest version 1 · version 1 answers");
    browser.press("Promote version 1");
    browser.read("production goes from nothing to version 1.");
    browser.press("Promote");
    browser.read("version 1 by api");
    assertThat(http.get("/v1/models/curves").json().at("/aliases/production").intValue())
        .isEqualTo(1);
    browser.expectNoComplaint("try and promote");
  }

  @Test
  @Order(11)
  void aFileIsUploadedWithItsFaultyLinesNamed() throws IOException {
    Path file = Files.createTempDirectory("console").resolve("Two Columns.csv");
    var _ = Files.writeString(file, "size,price\n1,10\n2,20\n3,30,oops\n4,40\n");
    browser.open("/datasets");
    browser.give("#file", file);
    browser.press("Upload Two Columns.csv");
    browser.read("Line 4");
    browser.expectComplaint("422");
    var _ = browser.run("document.querySelector('input[type=checkbox]').click()");
    browser.press("Upload Two Columns.csv");
    browser.read("1 line was left out");
    assertThat(browser.text()).contains("two-columns", "3 rows", "size", "price", "mean 2.333");
    browser.expectAccessible("a dataset with rejected lines");
    browser.picture("dataset-rejects");
    browser.expectNoComplaint("an upload");
  }

  @Test
  @Order(12)
  void aLostConnectionIsSaidInPlaceAndTheListGoesOnByItself() {
    browser.open("/jobs");
    browser.read("curves");
    browser.connect(false);
    browser.read("The service does not answer");
    assertThat(browser.text()).contains("curves");
    // It is asked again, and not all the time.
    var _ =
        browser.run(
            """
            const own = window.fetch;
            window.asked = 0;
            window.fetch = (...all) => { window.asked++; return own(...all); };
            """);
    Http.pause(Duration.ofSeconds(4));
    assertThat(asked()).isLessThan(12);
    browser.expect("another question", () -> asked() > 0);
    browser.connect(true);
    browser.expect("the list", () -> !browser.text().contains("The service does not answer"));
    browser.expectComplaint("ERR_INTERNET_DISCONNECTED");
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 503})
  @Order(13)
  void aRefusalForNowIsSaidInPlaceAndAskedAgain(int status) {
    browser.open("/jobs");
    browser.read("curves");
    var _ =
        browser.run(
            """
            const own = window.fetch;
            const [status] = arguments;
            window.refuses = true;
            window.fetch = async (...all) => window.refuses
              ? new Response(JSON.stringify({ title: "Refused for now" }),
                { status, headers: { "Content-Type": "application/problem+json", "Retry-After": "1" } })
              : own(...all);
            """,
            status);
    browser.read("Refused for now · trying again");
    assertThat(browser.text()).contains("curves");
    var _ = browser.run("window.refuses = false;");
    browser.expect("the list", () -> !browser.text().contains("Refused for now"));
    browser.expectNoComplaint("a refusal for now");
  }

  @Test
  @Order(14)
  void aVersionThatTellsClassesIsUnderstoodByClicks() {
    http.sample("iris");
    String job = http.submit(UNDERSTOOD_CLASSES);
    var _ = http.await(job);
    browser.open(job.substring("/v1".length()));
    assertThat(browser.see("job-frames .classes").getText()).contains("setosa", "virginica");
    browser.read("Marks: 150 rows of its data.");
    var _ =
        browser.run(
            """
            const slider = document.querySelector('job-frames input[type=range]');
            slider.value = 3.5;
            slider.dispatchEvent(new Event('input', {bubbles: true}));
            """);
    browser.read("epoch 5\n");
    assertThat(
            browser.run(
                "return document.querySelector('job-frames boundary-view').grid.every("
                    + "Number.isInteger)"))
        .as("no class between two")
        .isEqualTo(true);
    browser.expectAccessible("a job that tells classes");
    browser.picture("job-classes");
    browser.open("/models/understood-classes");
    browser.press("Understand version 1");
    browser.read("It is right about species in");
    browser.read("Always the most frequent class would be right in");
    assertThat(browser.see("confusion-matrix svg").getAttribute("aria-label"))
        .contains("setosa: ", " right", "versicolor");
    browser.press("Groups");
    choose("The column whose values make groups", "petal_width");
    browser.read("accuracy by petal_width");
    browser.press("Columns");
    browser.read("How much the loss grows");
    browser.press("Plane");
    choose("The column up", "petal_length");
    assertThat(browser.see("plane-view svg").getAttribute("aria-label"))
        .contains("petal_length", "setosa on ");
    choose("What the plane shows", "neurons");
    browser.read("Neurons of hidden");
    browser.press("Weights");
    browser.read("How hidden.weight is spread");
    browser.press("Net");
    browser.see("graph-view g[aria-label^='out']").click();
    browser.read("units 3 · activation softmax");
    browser.press("Weights");
    browser.read("How out.weight is spread");
    assertThat(savedBy("Download ONNX")).isGreaterThan(200);
    assertThat(savedBy("Download weights")).isGreaterThan(200);
    browser.press("One row");
    browser.read("in truth");
    browser.press("Row after");
    browser.read("hidden [6]");
    // The address is all of it.
    String shown = browser.text();
    browser.open(
        String.valueOf(browser.run("return location.pathname.slice(8) + location.search")));
    Map.of(
            "Groups",
            "accuracy by petal_width",
            "Plane",
            "Neurons of hidden",
            "One row",
            "hidden [6]")
        .forEach(
            (part, line) -> {
              assertThat(shown).contains(line);
              browser.press(part);
              browser.read(line);
            });
    String row =
        String.valueOf(
            browser.run("return document.querySelector('row-section input[type=number]').value"));
    browser.press("Change it");
    browser.read("row " + row + " of iris@1; change what you like");
    browser.read("in truth ");
    var _ = browser.run("history.back()");
    browser.read("It is right about species in");
    browser.press("Where wrong");
    assertThat(copiedBy("Copy as SVG ROC"))
        .startsWith("<svg")
        .contains("xmlns=\"http://www.w3.org/2000/svg\"", "stroke=\"rgb(", "setosa ")
        .doesNotContain("class=", "var(", "<!--");
    for (int width : new int[] {1280, 360}) {
      browser.screen(width, 900, width == 360 ? "dark" : "light");
      browser.press("One row");
      browser.expectAccessible("a version of classes, " + width);
      browser.picture("version-classes-" + width);
    }
    browser.expectNoComplaint("a version of classes");
  }

  @Test
  @Order(15)
  void aVersionThatTellsNumbersIsUnderstoodByClicks() {
    http.sample("houses");
    http.sample("iris");
    var _ = http.await(http.submit(UNDERSTOOD_NUMBERS));
    browser.open("/models/understood-numbers");
    browser.press("Understand it");
    browser.read("on average for price, on 80 test rows of houses@1");
    browser.read("Always the mean would be off by");
    browser.read("What is left");
    var _ =
        browser.run(
            "document.querySelector('xy-chart .pressed').dispatchEvent(new MouseEvent('click'))");
    browser.expect(
        "the row in the address",
        () -> String.valueOf(browser.run("return location.search")).startsWith("?row="));
    browser.read("in truth");
    browser.press("Plane");
    assertThat(browser.see("plane-view svg").getAttribute("aria-label"))
        .contains("price goes from");
    assertThat(browser.text()).doesNotContain("what it decides");
    // What is not there is said where it would be.
    var _ =
        http.train(
            UNDERSTOOD_NUMBERS
                .replace("understood-", "wide-")
                .replace(
                    "[{",
                    "[{\"type\": \"dense\", \"name\": \"many\", \"units\": 130}, {\"type\":"
                        + " \"dense\", \"name\": \"again\", \"units\": 130}, {\"type\": \"add\","
                        + " \"inputs\": [\"many\", \"again\"]}, {")
                .replace(": 20, \"seed", ": 1, \"seed"));
    browser.open("/models/wide-numbers/versions/1?tensor=many");
    browser.press("Weights");
    browser.read("the first 128 of 130 units");
    browser.press("Net");
    browser.press("Show it whole");
    browser.see("graph-view g[aria-label^='again']").click();
    assertThat(browser.run("return document.querySelectorAll('graph-view path[d*=V]').length"))
        .as("the edge around a layer")
        .isEqualTo(1L);
    browser.expectAccessible("a net with a layer that is told");
    browser.picture("version-net");
    browser.expectNoComplaint("a wide layer");
    browser.open("/models/understood-numbers/versions/1");
    choose("The rows that it is judged by", "houses@1");
    browser.read("It has learned from some of these rows, so it looks better than it is.");
    browser.read("because a job computes one on its own rows alone");
    browser.expectAccessible("a version of numbers");
    browser.expectNoComplaint("a version of numbers");
    choose("The rows that it is judged by", "iris@1");
    browser.read("There is no column 'area'");
    browser.read("Groups are not measured, because the version is not judged.");
    var _ = browser.see("#plane problem-note");
    browser.expectComplaint("422");
    browser.open("/models/understood-numbers/versions/7");
    browser.read("This version is not here");
    browser.expectComplaint("404");
  }

  /** The bytes of the file that a button gives to the browser. */
  private long savedBy(String button) {
    var _ =
        browser.run(
            """
            window.saved = 0;
            URL.createObjectURL = (file) => { window.saved = file.size; return "#"; };
            """);
    browser.press(button);
    browser.expect("a file", () -> !Long.valueOf(0).equals(browser.run("return window.saved")));
    return (Long) Objects.requireNonNull(browser.run("return window.saved"));
  }

  private void choose(String select, String option) {
    var _ = browser.see("select[aria-label='" + select + "'] option[value='" + option + "']");
    var _ =
        browser.run(
            """
            const select = document.querySelector(`select[aria-label="${arguments[0]}"]`);
            select.value = arguments[1];
            select.dispatchEvent(new Event("change", {bubbles: true}));
            """,
            select,
            option);
  }

  private long asked() {
    return ((Number) Objects.requireNonNull(browser.run("return window.asked"))).longValue();
  }

  /** What the selects of the lesson say. */
  private String chosen() {
    return String.valueOf(
        browser.run(
            "return [...document.querySelectorAll('net-lesson select')].map((each) =>"
                + " each.value).join(' ')"));
  }

  private String address() {
    return String.valueOf(
        browser.run("return location.pathname.replace(/^.*\\/console/, '') + location.search"));
  }

  private static String training(String model, int epochs) {
    return """
    {
      "model": {
        "name": "%s",
        "inputs": {"x": {"columns": ["x1", "x2"]}},
        "targets": {"y": {"column": "y"}},
        "network": {"layers": [
          {"type": "dense", "units": 3, "activation": "tanh"},
          {"type": "dense", "units": 1, "activation": "sigmoid"}]}
      },
      "dataset": {"name": "xor"},
      "training": {"loss": "mse", "epochs": %d, "metrics": ["mae"]}
    }
    """
        .formatted(model, epochs);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
