package io.trainyard.api.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/**
 * What people come with, from an example in the editor to a prediction, by buttons and links alone.
 * The service has workers, as by default.
 */
@TestPropertySource(properties = "trainyard.jobs.isolation=process")
class ConsoleWalksTest extends ConsoleFixture {
  private static final String TEXT = "document.querySelector('.CodeMirror').CodeMirror";
  private static final String ANSWER = "try-form b.large";

  @AfterEach
  void noComplaint() {
    browser.expectNoComplaint("the walk");
  }

  @Test
  void aRecurrentNetFeedsAFormula() {
    begin("A recurrent net that feeds a formula, trained as one", "recurrent-formula", "walk-f");
    takeRows("Make the dataset series");
    start("walk-f@1");
    browser.press("Try it");
    String before = answer();
    type("try-form textarea", "[[1],[1],[1],[1],[1],[1],[1],[1]]", "change");
    browser.expect("another answer", () -> !answer().equals(before));
    browser.press("Understand it");
    browser.press("One row");
    browser.read("f [1]");
    double number = only("number");
    assertThat(only("f")).isCloseTo(3 * Math.sin(number) + 0.5 * number * number, within(0.01));
    browser.expectAccessible("a recurrent net");
  }

  @Test
  void shapesAreToldBeforeAStepAndALayerShowsWhatItGives() throws IOException {
    begin("Shapes and counts of convolutions, without a row", "shapes", "walk-shapes");
    layer("conv1");
    browser.read("floor((720 + 49 + 50 − 1·(100 − 1) − 1)/1) + 1 = 720");
    browser.read("32,064");
    replace("\"padding\": \"same\"", "\"padding\": \"valid\"");
    browser.read("1 error");
    replace("[5, 100],\n        \"strides\"", "[1, 100],\n        \"strides\"");
    browser.read("[1, 621, 64]");
    browser.press("Store the model");
    browser.read("No version yet");
    browser.press("Train it");
    browser.read("A first job for the model walk-shapes");
    assertThat(text()).contains("\"column\": \"x\"", "\"loss\": \"categorical_crossentropy\"");

    begin("Images of digits, and a convolution that looks at them", "digit-images", "walk-images");
    takeRows("Take the sample digits");
    start("walk-images@1");
    browser.press("Try it");
    Path ring = figure("ring", 24);
    giveImage(ring);
    browser.expect("a nought", () -> answer().equals("0"));
    giveImage(figure("bar", 1));
    browser.expect("another digit", () -> !answer().equals("0"));
    giveImage(ring);
    browser.expect("a nought again", () -> answer().equals("0"));
    browser.see("try-form input[type=checkbox]").click();
    var _ = browser.see("try-form heat-map svg");
    browser.expectAccessible("a form with an image");
    browser.illustrate("try-image");
    browser.press("Understand it");
    browser.press("One row");
    browser.read("conv1 [8, 8, 8]");
    browser.press("Weights");
    browser.read("How conv1.weight is spread");
  }

  @Test
  void stackedAutoencodersEndInAClassOrAPrice() {
    begin("Stacked sparse autoencoders, a softmax layer, and fine-tuning", "stacked", "walk-stack");
    takeRows("Take the sample iris");
    start("walk-stack@1");
    browser.press("Try it");
    browser.expect("a species", () -> answer().matches("setosa|versicolor|virginica"));
    browser.press("Understand it");
    browser.read("It is right about species in");
    browser.press("One row");
    browser.read("enc2 [10]");

    begin("Stacked sparse autoencoders, and a price", "stacked-prices", "walk-prices");
    takeRows("Take the sample houses");
    replace("\"units\": 1}", "\"units\": 1, \"activation\": \"softmax\"}");
    browser.expect("a warning", () -> faults().contains("softmax"));
    replace(", \"activation\": \"softmax\"}", "}");
    browser.expect("no warning", () -> faults().isEmpty());
    start("walk-prices@1");
    browser.read("rmse");
    browser.press("Try it");
    assertThat(number(answer())).isBetween(50.0, 1000.0);
    browser.press("Understand it");
    browser.read("root mean squared error");
  }

  @Test
  void aGateIsLearnedAndALinearStackIsOneLayer() {
    begin("An AND gate, learned by the perceptron rule", "perceptron", "walk-and");
    takeRows("Take the sample and");
    start("walk-and@1");
    browser.press("Try it");
    gate("1", "1");
    browser.expect("true", () -> answer().equals("1"));
    gate("1", "0");
    browser.expect("false", () -> answer().equals("0"));
    browser.press("Understand it");
    browser.press("Plane");
    browser.read("From 0.5 on its number counts as 1.");
    browser.press("Weights");
    assertThat(browser.see("weight-section table").getText()).contains("x1 x2");
    // A step has no gradient that would say which column made the difference.
    browser.press("One row");
    browser.read("This is not told: ");
    browser.expectComplaint("422");

    begin("Two linear layers, which equal one: see its warning", "stacked-linear", "walk-linear");
    takeRows("Take the sample and");
    browser.read("1 warning");
    start("walk-linear@1");
    browser.press("Try it");
    assertThat(number(answer())).isBetween(-1.0, 2.0);
    browser.press("Understand it");
    browser.press("Weights");
    browser.read("hidden and unit as one layer");
    browser.expectAccessible("a linear stack");
  }

  @Test
  void aSmallNetIsTrainedTheClassicalWayAndSearched() {
    begin("A small net, trained by Levenberg–Marquardt", "small-net", "walk-classical");
    takeRows("Take the sample xor");
    start("walk-classical@1");
    browser.read("Ended because of\ngoal");
    browser.press("Understand it");
    browser.press("Plane");
    assertThat(browser.see("plane-view svg").getAttribute("aria-label"))
        .contains("It says 0 on ", "1 on ");
    choose("What the plane shows", "neurons");
    browser.read("On each line a neuron changes its sign");
    choose("What the plane shows", "surface");
    choose("The output that is shown", "hidden/1");
    browser.expect(
        "a neuron's surface",
        () ->
            Objects.requireNonNullElse(browser.see("plane-view svg").getAttribute("aria-label"), "")
                .contains("hidden/1"));
    browser.press("One row");
    browser.read("output [1]");
    double after = only("output");
    browser.see("row-section input[type=checkbox]").click();
    browser.read("output before its activation [1]");
    assertThat(1 / (1 + Math.exp(-only("output before its activation"))))
        .isCloseTo(after, within(0.01));
    browser.press("Weights");
    choose("The weights that are shown", "hidden.bias");
    browser.expect(
        "two biases", () -> browser.see("weight-section table").getText().lines().count() == 3);
    browser.expectAccessible("a small net");
    browser.press("Try it");
    gate("0", "1");
    browser.expect("true", () -> number(answer()) > 0.9);

    begin("A small net, trained by Levenberg–Marquardt", "small-net", "walk-classical");
    replace("\"levenberg_marquardt\"", "{\"type\": \"delta_bar_delta\", \"learning_rate\": 0.5}");
    browser.read("✓ It is valid");
    start("walk-classical@2");
    browser.read("Ended because of");
    browser.press("Search for better values");
    choose("The rows that judge", "2");
    type("search-form input", "1, 2, 3", "input");
    browser.press("And vary another");
    type("search-form input[aria-label$='2']", "0.3, 0.4, 0.5", "input");
    browser.expectAccessible("a search");
    browser.press("Start the search");
    browser.read("The best: trial");
    assertThat(browser.see("tr.best").getText()).contains("★ 1");
    browser.read("Which parameters matter");
    assertThat(browser.see("range-chart").getText()).contains("units", "learning rate");
  }

  @Test
  void aModelIsPromotedRolledBackAndItsCurveStays() {
    begin("Classes from a table, and an alias that moves when they are good", "flowers", "walk-s8");
    takeRows("Take the sample iris");
    start("walk-s8@1");
    browser.read("moved production");
    browser.press("Again, with changes");
    replace("\"seed\": 42", "\"seed\": 43");
    browser.read("✓ It is valid");
    start("walk-s8@2");
    String job = String.valueOf(browser.run("return location.pathname"));
    browser.press("Try it");
    browser.expect("a species", () -> answer().matches("setosa|versicolor|virginica"));
    browser.press("Promote version 1");
    browser.read("production goes from version 2 to version 1.");
    browser.press("Promote");
    browser.expect("version 1", () -> production() == 1);
    browser.press("Roll back production");
    browser.read("production goes from version 1 back to version 2");
    browser.press("Roll back");
    browser.expect("version 2", () -> production() == 2);

    browser.open(job.substring("/console".length()));
    var _ = browser.see("line-chart path.curve");
    assertThat(browser.see("line-chart .value").getText()).contains("epoch ", "validation ");
    // The best epoch is marked, and listed beside the last ones.
    assertThat(copiedBy("Copy as SVG loss")).contains("best epoch ");
    assertThat(browser.see("job-page tr.best").getText()).contains("best");
    browser.press("Compare");
    browser.read("1 job chosen");
    assertThat(browser.see("jobs-page tbody").getText()).contains("walk-s8");
  }

  /** What a killed worker learned stays on the page, and its next attempt goes on there. */
  @Test
  void aCurveAndItsFramesGoOnBehindAKilledWorker() {
    http.sample("iris");
    String job =
        http.submit(
            """
            {
              "model": {
                "name": "walk-killed",
                "inputs": {"x": {"columns": ["petal_length", "petal_width"]}},
                "targets": {"species": {"column": "species"}},
                "network": {"layers": [
                  {"type": "dense", "units": 4, "activation": "tanh"},
                  {"type": "dense", "units": 3, "activation": "softmax"}]}
              },
              "dataset": {"name": "iris", "split": {"validation": 0.2}},
              "training": {"loss": "categorical_crossentropy", "epochs": 1000000, "seed": 1,
                "diagnostics": [{"frames": {"x": "petal_length", "y": "petal_width", "steps": 10}}]}
            }
            """);
    browser.open(job.substring("/v1".length()));
    browser.expect("frames", () -> last("job-frames") > 3 && last("line-chart") > 3);
    long before = last("line-chart");
    String worker = http.get(job).json().get("worker").stringValue();
    String pid = worker.substring(0, worker.lastIndexOf('-'));
    assertThat(
            ProcessHandle.of(Long.parseLong(pid.substring(pid.lastIndexOf('-') + 1)))
                .orElseThrow()
                .destroyForcibly())
        .isTrue();
    browser.read("▲ The worker of attempt 1 died: SIGKILL");
    assertThat(last("line-chart")).isGreaterThanOrEqualTo(before);
    browser.expect("another attempt", () -> http.get(job).json().get("attempt").intValue() == 2);
    // Without an epoch of its own, the second attempt would publish nothing when it is stopped.
    long kept = epochs(job);
    browser.expect("later epochs", () -> last("line-chart") > kept);
    browser.expect("later frames", () -> last("job-frames") > kept);
    browser.press("Stop and publish");
    browser.read("It published walk-killed@1");
  }

  /** How many epochs of a job are recorded. */
  private long epochs(String job) {
    return http.get(job + "/metrics").json().get("epochs").size();
  }

  /** The last epoch that a part of the page draws, which are in their order; 0 for none. */
  private long last(String part) {
    Object last =
        browser.run(
            """
            const part = document.querySelector(arguments[0]);
            const epochs = part?.shown?.frames.map(({ epoch }) => epoch) || part?.x || [];
            if (epochs.some((epoch, i) => i && epoch <= epochs[i - 1])) throw new Error(epochs.join());
            return epochs.at(-1) || 0;
            """,
            part);
    return ((Number) Objects.requireNonNull(last)).longValue();
  }

  @Test
  void ofManyClassesTheFirstAreListed() {
    StringBuilder rows = new StringBuilder("x,label\n");
    for (int i = 0; i < 240; i++) {
      rows.append(i).append(",c").append(i % 120).append('\n');
    }
    var _ = http.upload("walk-classes", rows.toString());
    var _ =
        http.train(
            """
            {"model": {"name": "walk-classes", "inputs": {"x": {"columns": ["x"]}}, "targets": {"label": {"column": "label"}},
               "network": {"layers": [{"type": "dense", "units": 120, "activation": "softmax"}]}},
             "dataset": {"name": "walk-classes"},
             "training": {"loss": "categorical_crossentropy", "epochs": 1, "seed": 1}}
            """);
    browser.open("/models/walk-classes/versions/1");
    browser.read("The first 50 of 120 classes are shown.");
    browser.press("Show more");
    browser.read("The first 100 of 120 classes are shown.");
    browser.press("Show more");
    browser.expect("all", () -> !browser.text().contains("classes are shown"));
    assertThat(browser.run("return document.querySelectorAll('target-report tbody tr').length"))
        .isEqualTo(120L);
  }

  /** Begins with an example, whose model gets a name of its own. */
  private void begin(String title, String name, String own) {
    browser.open("");
    browser.press("Editor");
    browser.press("Start from something else");
    browser.expect(
        "the examples",
        () ->
            Boolean.TRUE.equals(
                browser.run(
                    """
                    const select = document.querySelector("start-from select");
                    const option = [...(select?.options || [])].find((each) => each.text === arguments[0]);
                    if (!option) return false;
                    select.value = option.value;
                    select.dispatchEvent(new Event("change", { bubbles: true }));
                    return true;
                    """,
                    title)));
    browser.press("Begin with it");
    browser.expect("the example", () -> text().contains('"' + name + '"'));
    replace('"' + name + '"', '"' + own + '"');
  }

  /** Where another test has not taken them yet. */
  private void takeRows(String button) {
    browser.expect(
        "the rows, or a way to them",
        () -> browser.text().contains("It is valid") || browser.text().contains(button));
    if (browser.text().contains(button)) {
      browser.press(button);
    }
    browser.read("It is valid");
  }

  private void start(String version) {
    browser.press("Start the job");
    browser.read("It published " + version);
  }

  private String faults() {
    return String.valueOf(
        browser.run("return document.querySelector('fault-list ul')?.textContent || ''"));
  }

  private String answer() {
    return browser.see(ANSWER).getText();
  }

  private static double number(String text) {
    return Double.parseDouble(text.replace(",", ""));
  }

  /** The one number that a layer gives for the row. */
  private double only(String layer) {
    return Pattern.compile(": 1 number from (\\S+) to")
        .matcher(
            String.valueOf(
                browser
                    .see("row-section svg[aria-label^='" + layer + ": 1 number']")
                    .getAttribute("aria-label")))
        .results()
        .map((MatchResult found) -> number(found.group(1)))
        .findFirst()
        .orElseThrow();
  }

  private void layer(String name) {
    browser.see("graph-view g[aria-label^='" + name + "']").click();
  }

  private void gate(String x1, String x2) {
    type("input[aria-label='x1, as a number']", x1, "input");
    type("input[aria-label='x2, as a number']", x2, "input");
  }

  private void type(String selector, String value, String event) {
    var _ = browser.see(selector);
    var _ =
        browser.run(
            """
            const field = document.querySelector(arguments[0]);
            field.value = arguments[1];
            field.dispatchEvent(new Event(arguments[2], { bubbles: true }));
            """,
            selector,
            value,
            event);
  }

  private void choose(String select, String option) {
    var _ = browser.see("select[aria-label='" + select + "'] option[value='" + option + "']");
    type("select[aria-label='" + select + "']", option, "change");
  }

  private void giveImage(Path file) {
    var _ = browser.see("image-drop canvas");
    String drawn = drawn();
    browser.give("image-drop input", file);
    browser.expect("the image", () -> !drawn().equals(drawn));
  }

  private String drawn() {
    return String.valueOf(
        browser.run("return document.querySelector('image-drop canvas').toDataURL()"));
  }

  /** White on black, larger than the input. */
  private static Path figure(String name, int wide) throws IOException {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setColor(Color.WHITE);
    pen.setStroke(new BasicStroke(9));
    pen.drawOval(32 - wide / 2, 8, wide, 48);
    pen.dispose();
    Path file = Files.createTempDirectory("console").resolve(name + ".png");
    assertThat(ImageIO.write(image, "png", file.toFile())).isTrue();
    return file;
  }

  private int production() {
    return http.get("/v1/models/walk-s8").json().at("/aliases/production").asInt();
  }

  private String text() {
    browser.expect(
        "the text",
        () ->
            Boolean.TRUE.equals(
                browser.run("return Boolean(document.querySelector('.CodeMirror'))")));
    return String.valueOf(browser.run("return " + TEXT + ".getValue()"));
  }

  private void replace(String part, String by) {
    assertThat(text()).contains(part);
    var _ =
        browser.run(
            "const text = %s; const at = text.getValue().indexOf(arguments[0]);".formatted(TEXT)
                + " text.replaceRange(arguments[1], text.posFromIndex(at),"
                + " text.posFromIndex(at + arguments[0].length))",
            part,
            by);
  }
}
