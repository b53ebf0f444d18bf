package io.trainyard.api.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.openqa.selenium.Keys;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The editor of the console in a browser, from an empty service on. */
// A service of its own, because the first test needs an empty one.
@TestPropertySource(properties = "logging.level.io.trainyard.editor=info")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EditorTest extends ConsoleFixture {
  private static final String SHARED =
      """
      {"name": "shared", "inputs": {"x": {"columns": ["a"]}}, "targets": {"y": {"column": "b"}},
        "network": {"layers": [{"type": "dense", "units": %d}, {"type": "dense", "units": 1}]}}
      """;
  private static final String TEXT = "document.querySelector('.CodeMirror').CodeMirror";

  @Test
  @Order(1)
  void aJobIsWrittenCheckedMendedAndStarted() {
    browser.open("");
    browser.press("write a job");
    browser.read("There is no dataset 'xor'");
    expectFault("\"dataset\"", "There is no dataset 'xor'");
    browser.press("Take the sample xor");
    browser.read("It is valid");

    // A member is completed: its name is found, its value is asked for.
    caretBehind("\"epochs\": 200,");
    browser.type("\n\"bat");
    assertThat(browser.see(".CodeMirror-hint-active").getText()).contains("batch_size", "Rows");
    browser.expectAccessible("the list of what may stand there");
    browser.picture("editor-completion");
    browser.type(Keys.ENTER);
    assertThat(text()).contains("\"batch_size\": ,\n");
    browser.type("0");
    expectFault("\"batch_size\": 0", "from 1 to 1048576 was expected");
    browser.illustrate("editor-error");
    assertThat(browser.see("button.main").isEnabled()).isFalse();
    browser.type(Keys.BACK_SPACE, "4");
    browser.read("It is valid");
    assertThat(browser.text()).contains("/training/batch_size", "Rows per step.");

    browser.press("Start the job");
    browser.read("It published small-net@1");
    assertThat(String.valueOf(browser.run("return location.pathname"))).contains("/jobs/");
    assertThat(http.get("/v1/jobs").json().at("/jobs/0/request/training/batch_size").intValue())
        .isEqualTo(4);
    browser.expectNoComplaint("from an empty service to a job");
  }

  @Test
  @Order(2)
  void anOlderJobStartsAgainWithChanges() {
    browser.press("Again, with changes");
    browser.read("It is valid");
    assertThat(text()).contains("\"units\": 2", "\"batch_size\": 4");
    replace("\"units\": 2", "\"units\": 3");
    browser.read("13 parameters");
    browser.press("Start the job");
    browser.read("It published small-net@2");
    assertThat(http.get("/v1/models/small-net/summary").json().get("parameters").intValue())
        .isEqualTo(13);
    browser.expectNoComplaint("again with changes");
  }

  @Test
  @Order(3)
  void twoErrorsStandAtOneLineAndAWarningAtItsLayer() {
    http.sample("and");
    browser.open("/editor?example=linear");
    browser.read("1 warning");
    browser.expect(
        "the warning at its layer",
        () ->
            Long.valueOf(1)
                .equals(
                    browser.run(
                        "return document.querySelectorAll('graph-view g.doubtful').length")));
    replace("\"units\": 3, \"activation\": \"linear\"", "\"units\": 0, \"activation\": \"linea\"");
    browser.read("2 errors");
    expectFault("\"linea\"", "from 1 to 16777216 was expected");
    expectFault("\"linea\"", "did you mean 'linear'?");
    assertThat(browser.see("spec-text .sign").getText()).isEqualTo("2");
    browser.read("The net as before the error");
    browser.press("line 8");
    assertThat(browser.run("return " + TEXT + ".getCursor().line")).isEqualTo(7L);
    browser.expectAccessible("errors");
    browser.expectNoComplaint("two errors at one line");
  }

  @Test
  @Order(4)
  void aDraftSurvivesAReloadAndBeginsAgain() {
    browser.open("/editor?example=perceptron");
    browser.read("It is valid");
    replace("\"name\": \"perceptron\"", "\"name\": \"mine\"");
    browser.open("/editor?example=perceptron");
    browser.read("Your changes are kept in this tab.");
    assertThat(text()).contains("\"name\": \"mine\"");
    browser.open("/editor?example=linear");
    assertThat(text()).doesNotContain("mine");
    browser.open("/editor?example=perceptron");
    browser.press("Begin again");
    browser.press("Drop my changes");
    browser.expect("the example", () -> text().contains("\"name\": \"perceptron\""));
    replace("\"name\": \"perceptron\"", "\"name\": \"" + "x".repeat(400_000) + "\"");
    browser.read("too long to be kept");
    browser.open("/editor?example=perceptron");
    assertThat(text()).contains("\"name\": \"perceptron\"");
    browser.expectNoComplaint("a draft");
  }

  @Test
  @Order(5)
  void escapeAndTabLeaveTheText() {
    browser.open("/editor?example=perceptron");
    caretBehind("\"dataset\"");
    browser.type(Keys.TAB);
    assertThat(text()).contains("\"dataset\"  ");
    browser.type(Keys.ESCAPE, Keys.TAB);
    assertThat(browser.run("return document.activeElement.textContent")).isEqualTo("All of a job");
    assertThat(browser.text()).contains("Escape, then Tab, leaves the text.");
  }

  @Test
  @Order(6)
  void everyPathOfTheSchemasIsCompleted() {
    browser.open("/editor");
    for (String name : List.of("job", "model")) {
      List<SchemaPlaces.Place> places =
          SchemaPlaces.of(http.get("/v1/schema/" + name).expect(200).json());
      assertThat(places).hasSizeGreaterThan(300);
      JsonNode answers =
          JsonMapper.shared()
              .readTree(
                  String.valueOf(
                      browser.run(
                          """
                          const files = document.querySelector('script[type=module]').src.replace('app.js', '');
                          const load = (file) => import(files + 'editor/' + file + '.js');
                          return Promise.all([load('schema'), load('completion'), fetch('/v1/schema/' + arguments[0]).then((answer) => answer.json())])
                            .then(([{ Schema }, { complete }, json]) => {
                              const schema = new Schema(json);
                              return JSON.stringify(arguments[1].map(([before, after]) =>
                                (complete(before + after, before.length, schema)?.options || []).map((option) => option.label)));
                            });
                          """,
                          name,
                          places.stream()
                              .map(place -> List.of(place.before(), place.after()))
                              .toList())));
      assertThat(answers.size()).isEqualTo(places.size());
      for (int i = 0; i < places.size(); i++) {
        SchemaPlaces.Place place = places.get(i);
        TreeSet<String> labels = new TreeSet<>();
        answers.get(i).forEach(label -> labels.add(label.stringValue()));
        if (place.words().isEmpty()) {
          assertThat(labels).as(name + place.path()).isEqualTo(place.names());
        } else {
          assertThat(labels).as(name + place.path()).containsAll(place.words());
        }
      }
    }
  }

  /** The rows of some are made by the page, so it does it here too. */
  @Test
  @Order(7)
  void everyExampleIsValidAndTrains() {
    JsonNode examples =
        JsonMapper.shared()
            .readTree(
                String.valueOf(
                    browser.run(
                        """
                        const files = document.querySelector('script[type=module]').src.replace('app.js', '');
                        return import(files + 'editor/examples.js').then(({ EXAMPLES }) => JSON.stringify(
                          Object.entries(EXAMPLES).map(([name, { kind, body, rows }]) => ({ name, kind, body, rows: rows && rows() }))));
                        """)));
    assertThat(examples).hasSizeGreaterThan(9);
    List.of("iris", "houses", "digits").forEach(http::sample);
    for (JsonNode example : examples) {
      JsonNode body = example.get("body");
      if (example.get("kind").stringValue().equals("model")) {
        var _ = http.post("/v1/models", body.toString()).expect(201);
        continue;
      }
      if (example.has("rows")) {
        String rows = "/v1/datasets?name=" + body.at("/dataset/name").stringValue();
        // The same rows again are the same version.
        assertThat(http.post(rows, example.get("rows").toString()).status()).isBetween(200, 201);
      }
      assertThat(http.train(body.toString()).get("state").stringValue())
          .as(example.get("name").stringValue())
          .isEqualTo("succeeded");
    }
  }

  @Test
  @Order(8)
  void aStoredModelIsChangedOnlyAsItWasRead() {
    browser.open("/models/shapes");
    browser.press("Change it");
    browser.read("It is valid");
    replace("\"filters\": 64", "\"filters\": 32");
    browser.press("Store the model");
    browser.read("not trained yet");
    assertThat(
            http.get("/v1/models/shapes").json().at("/model/network/layers/0/filters").intValue())
        .isEqualTo(32);
    browser.press("Change it");
    browser.read("It is valid");
    JsonNode model = http.get("/v1/models/shapes").json().get("model");
    var _ =
        http.put("/v1/models/shapes", model.toString().replace("\"units\":4", "\"units\":5"))
            .expect(200);
    replace("\"filters\": 32", "\"filters\": 16");
    browser.press("Store the model");
    var _ = browser.see("problem-note");
    browser.expectComplaint("412");
    assertThat(
            http.get("/v1/models/shapes").json().at("/model/network/layers/0/filters").intValue())
        .isEqualTo(32);
  }

  @Test
  @Order(9)
  void aNestedNetIsUnfoldedAndALayerTellsItsFormula() {
    browser.open("/editor?example=nested");
    browser.read("It is valid");
    assertThat(browser.text()).contains("rnn", "lstm", "[8, 1]");
    var _ =
        browser.run(
            "document.querySelector('graph-view g[aria-label*=\"rnn/lstm\"]').dispatchEvent(new"
                + " KeyboardEvent('keydown', {key: 'Enter', bubbles: true}))");
    browser.read("4h(i + h + 2)");
    browser.read("352, frozen");
    browser.read("Written\nunits 8\n");
    assertThat(browser.run("return document.querySelectorAll('graph-view path.own').length"))
        .as("what it reads, and what reads it")
        .isEqualTo(2L);
    assertThat(copiedBy("Copy as SVG the net")).startsWith("<svg").contains("lstm");
    browser.press("Its layers as a table");
    assertThat(browser.see("graph-view table").getText()).contains("rnn/lstm lstm, frozen");
    browser.expectNoComplaint("a nested net");
  }

  @Test
  @Order(10)
  void itIsForEveryoneOnEveryScreen() {
    for (String scheme : List.of("light", "dark")) {
      for (int width : new int[] {360, 1280, 3840}) {
        browser.screen(width, 1000, scheme);
        browser.open("/editor?example=nested");
        browser.read("The net");
        browser.press("Start from something else");
        Http.pause(Duration.ofMillis(300));
        browser.expectAccessible("the editor " + width + " " + scheme);
        browser.picture("editor-" + width + "-" + scheme);
      }
    }
    browser.expectNoComplaint("the editor on every screen");
  }

  @Test
  @Order(11)
  void hostileTextsAreNeverMarkup() {
    String column = HOSTILE.replace("\"", "");
    var _ = http.upload("hostile-columns", "a," + column + "\n1,2\n2,3".repeat(10) + "\n");
    browser.open("/datasets/hostile-columns");
    browser.press("Train on it");
    browser.read("onerror");
    replace(
        "\"network\": {\"recipe\": \"auto\"}",
        "\"network\": {\"recipe\": \"<img src=x onerror=alert(1)>\"}");
    browser.read("error");
    var _ = browser.see("spec-text .said");
    expectNoMarkup();
    browser.expectNoComplaint("hostile texts");
  }

  /** Only the last text is checked, and what came before it is not waited for. */
  @Test
  @Order(12)
  void itIsCheckedOncePerPause() {
    browser.open("/editor?example=perceptron");
    browser.read("It is valid");
    long before = checks();
    caretBehind("\"name\": \"perceptron");
    browser.type("-again");
    browser.expect("a check", () -> checks() > before);
    browser.read("It is valid");
    Http.pause(Duration.ofMillis(700));
    assertThat(checks() - before).isLessThan(3);
    browser.connect(false);
    browser.type("-and-again");
    browser.read("The service does not answer");
    browser.connect(true);
    browser.read("It is valid");
    browser.expectComplaint("ERR_INTERNET_DISCONNECTED");
  }

  private long checks() {
    return Objects.requireNonNull(
        (Long)
            browser.run(
                "return performance.getEntriesByType('resource').filter((entry) =>"
                    + " entry.name.includes(':validate')).length"));
  }

  @Test
  @Order(13)
  void theCopiedCallStartsTheJob() throws Exception {
    browser.open("/editor?example=flowers");
    browser.press("Copy as curl, Python or Java");
    assertThat(output("bash", "-c", shownCall())).contains("\"id\":", "\"model\":\"flowers\"");
  }

  /** Also after a reload: a draft is sent as a change of what it began as. */
  @Test
  @Order(14)
  void aDraftNeverOverwritesTheChangeOfAColleague() {
    var _ = http.post("/v1/models", SHARED.formatted(3)).expect(201);
    browser.open("/editor?model=shared");
    browser.read("It is valid");
    replace("\"units\": 3", "\"units\": 4");
    browser.press("Store the model");
    browser.read("not trained yet");
    var _ = http.put("/v1/models/shared", SHARED.formatted(5)).expect(200);
    browser.open("/editor?model=shared");
    assertThat(text()).contains("\"units\": 5");
    replace("\"units\": 5", "\"units\": 6");
    browser.read("Your changes are kept in this tab.");
    var _ = http.put("/v1/models/shared", SHARED.formatted(7)).expect(200);
    browser.open("/editor?model=shared");
    assertThat(text()).contains("\"units\": 6");
    browser.expectNoComplaint("a draft of a model that changed");
    browser.press("Store the model");
    browser.read("Read it again and keep my text");
    browser.expectComplaint("412");
    assertThat(sharedUnits()).isEqualTo(7);
    // What somebody else made of it, beside the text.
    assertThat(browser.see("spec-differences tbody").getText().lines().findFirst())
        .contains("/network/layers/0/units 7 ≠ 6");
    browser.expectAccessible("a model that changed");
    browser.press("Read it again and keep my text");
    browser.expect("the answer", () -> !browser.text().contains("Read it again"));
    assertThat(text()).contains("\"units\": 6");
    browser.press("Store the model");
    browser.read("not trained yet");
    assertThat(sharedUnits()).isEqualTo(6);
    browser.expectNoComplaint("a model that changed");
  }

  private int sharedUnits() {
    return http.get("/v1/models/shared").json().at("/model/network/layers/0/units").intValue();
  }

  /** Only a request that the service refused for its text gets another name. */
  @Test
  @Order(15)
  void aRequestWithoutAFinalAnswerIsSentAgainAsTheSame() {
    http.sample("xor");
    browser.open("/editor");
    browser.read("It is valid");
    var _ =
        browser.run(
            """
            const answers = [502, 409, 422, 422];
            const own = window.fetch;
            window.names = [];
            window.fetch = (address, options) => {
              if (options?.method !== "POST" || !address.endsWith("/v1/jobs")) return own(address, options);
              window.names.push(options.headers["Idempotency-Key"]);
              return Promise.resolve(new Response("{}", { status: answers[window.names.length - 1] }));
            };
            """);
    for (String status : List.of("502", "409", "422", "422")) {
      browser.press("Start the job");
      browser.read("The service answered " + status);
    }
    browser.expect("four requests", () -> requestNames().size() == 4);
    assertThat(new TreeSet<>(requestNames().subList(0, 3))).hasSize(1);
    assertThat(requestNames().get(3)).isNotEqualTo(requestNames().get(2));
    browser.expectNoComplaint("sent again");
  }

  private List<String> requestNames() {
    return ((List<?>) Objects.requireNonNull(browser.run("return window.names")))
        .stream().map(String::valueOf).toList();
  }

  @Test
  @Order(16)
  void aNumberThatIsTypedStaysAsItIs() {
    browser.open("/editor");
    replace("\"epochs\": 200", "\"epochs\": 200, \"intervals\": {\"coverage\": }");
    caretBehind("\"coverage\": ");
    browser.type("0");
    Http.pause(Duration.ofMillis(300));
    browser.type(Keys.ENTER);
    assertThat(text()).containsPattern("\"coverage\": 0\\s*\\n");
    browser.expectNoComplaint("a number");
  }

  /** What stands around the caret stays, with commas between. */
  @Test
  @Order(17)
  void whatIsCompletedIsJson() {
    browser.open("/editor");
    assertThat(
            browser.run(
                """
                const files = document.querySelector('script[type=module]').src.replace('app.js', '');
                const load = (file) => import(files + 'editor/' + file + '.js');
                return Promise.all([load('schema'), load('completion'), fetch('/v1/schema/job').then((answer) => answer.json())])
                  .then(([{ Schema }, { complete }, json]) => {
                    const schema = new Schema(json);
                    return arguments[0].map(([before, after, label]) => {
                      const text = before + after;
                      const { from, to, comma, options } = complete(text, before.length, schema);
                      const option = options.find((each) => each.label === label);
                      const done = text.slice(0, from) + option.text + text.slice(to);
                      return comma === undefined ? done : done.slice(0, comma) + ',' + done.slice(comma);
                    });
                  });
                """,
                List.of(
                    List.of("{\"model\": {\"name\": \"a\" ", "}}", "network"),
                    List.of("{\"model\": {\"name\": \"a\"\n\"net", "\"}}", "network"),
                    List.of("{\"model\": {", "\"name\": \"a\"}}", "network"),
                    List.of("{\"training\": {\"metrics\": [", "\"mae\"]}}", "mse"),
                    List.of("{\"training\": {\"metrics\": [\"mae\" ", "]}}", "mse"),
                    List.of("{\"training\": {\"metrics\": [\"mae\", \"m", "\"]}}", "mse"))))
        .isEqualTo(
            List.of(
                "{\"model\": {\"name\": \"a\", \"network\": {}}}",
                "{\"model\": {\"name\": \"a\",\n\"network\": {}}}",
                "{\"model\": {\"network\": {},\"name\": \"a\"}}",
                "{\"training\": {\"metrics\": [\"mse\", \"mae\"]}}",
                "{\"training\": {\"metrics\": [\"mae\", \"mse\"]}}",
                "{\"training\": {\"metrics\": [\"mae\", \"mse\"]}}"));
  }

  /** The editor calls JSON what the service does. */
  @Test
  @Order(18)
  void theTextIsReadAsTheServiceReadsIt() {
    browser.open("/editor");
    assertThat(
            browser.run(
                """
                const files = document.querySelector('script[type=module]').src.replace('app.js', '');
                return import(files + 'editor/json-text.js').then(({ read }) => [
                  '{"a":\\u00a01}', '"' + 'x'.repeat(9e6) + '"', '['.repeat(64) + ']'.repeat(64), '['.repeat(65) + ']'.repeat(65),
                ].map((text) => read(text).faults.length > 0));
                """))
        .isEqualTo(List.of(true, false, false, true));
    browser.open("/editor?example=nothing");
    browser.read("There is no example 'nothing'");
    browser.expectNoComplaint("an unknown example");
  }

  @Test
  @Order(18)
  void aTextIsFormattedAndItsNumbersStayAsTheyAreWritten() {
    browser.open("/editor?example=perceptron");
    String ugly =
        "{\"seed\":12345678901234567890, \"rates\" : [1.0,1e-3,\n\n"
            + "-0 ],\"note\":\"a  \\u00e9\","
            + "\"long\":[\"0123456789012345678901234567890123456789\",\"0123456789012345678901234567890123456789\"]}";
    replace(text(), ugly);
    caretBehind("1e");
    browser.type(Keys.chord(Keys.SHIFT, Keys.ALT, "f"));
    String formatted =
        """
        {
          "seed": 12345678901234567890,
          "rates": [1.0, 1e-3, -0],
          "note": "a  \\u00e9",
          "long": [
            "0123456789012345678901234567890123456789",
            "0123456789012345678901234567890123456789"
          ]
        }\
        """;
    browser.expect("the text in its lines", () -> text().equals(formatted));
    assertThat(caret()).isEqualTo(formatted.indexOf("1e") + 2);
    browser.type(Keys.chord(Keys.CONTROL, "z"));
    browser.expect("the text of before", () -> text().equals(ugly));

    // What is no JSON stays, and the caret leads to where it is wrong.
    replace("1e-3", "1e-");
    browser.press("Format");
    assertThat(text()).isEqualTo(ugly.replace("1e-3", "1e-"));
    assertThat(caret()).isEqualTo(ugly.indexOf("1e-3"));
    expectFault("1e-", "1e- is no value");
    replace("1e-", "1e-3");
    browser.press("Format");
    browser.expect("the text in its lines", () -> text().equals(formatted));
    browser.expectNoComplaint("a formatted text");
  }

  private int caret() {
    Object index = browser.run("return %s.indexFromPos(%s.getCursor())".formatted(TEXT, TEXT));
    return ((Number) Objects.requireNonNull(index)).intValue();
  }

  @Test
  @Order(19)
  void aChoiceBeginsOnlyWhenItIsPressed() {
    browser.open("/editor?example=perceptron");
    browser.press("Start from something else");
    browser.expect(
        "the sample",
        () ->
            Boolean.TRUE.equals(
                browser.run(
                    "return Boolean(document.querySelector('start-from option[value=tumours]'))")));
    var _ =
        browser.run(
            """
            const select = [...document.querySelectorAll('start-from select')][1];
            select.selectedIndex = [...select.options].findIndex((option) => option.value === 'tumours');
            select.dispatchEvent(new Event('change', { bubbles: true }));
            """);
    browser.read("stored as the dataset tumours");
    browser.expectAccessible("a choice");
    http.get("/v1/datasets/tumours").expect(404);
    browser.press("Begin with it");
    browser.read("The dataset tumours");
    http.get("/v1/datasets/tumours").expect(200);
    browser.expectNoComplaint("a choice");
  }

  /** The net and the text lead to each other, and keys do what they do in other editors. */
  @Test
  @Order(20)
  void aLayerAndItsTextLeadToEachOther() {
    browser.open("/editor?example=branches");
    var _ = browser.see("graph-view g[aria-label^='product']");
    caretBehind("\"axes\": [1");
    assertThat(layerAtCaret()).isEqualTo("transposed");
    browser.see("graph-view g[aria-label^='head']").click();
    assertThat(
            browser.run(
                "const text = %s; return text.getLine(text.getCursor().line)".formatted(TEXT)))
        .asString()
        .contains("\"head\"");
    assertThat(layerAtCaret()).isEqualTo("head");
    String before = text();
    browser.run(TEXT + ".focus()");
    browser.type(Keys.chord(Keys.CONTROL, "d"));
    browser.type(Keys.chord(Keys.CONTROL, "s"));
    assertThat(text()).isEqualTo(before);
    assertThat(browser.run("return %s.getOption('viewportMargin') === Infinity".formatted(TEXT)))
        .isEqualTo(true);
    replace("\"units\": 1}", "\"units\": 0}");
    expectFault("\"units\": 0", "from 1 to 16777216 was expected");
    browser.type(Keys.F8);
    assertThat(
            browser.run(
                "const text = %s; return text.getLine(text.getCursor().line)".formatted(TEXT)))
        .asString()
        .contains("\"units\": 0");
    browser.expectNoComplaint("the net and its text");
  }

  private String layerAtCaret() {
    var _ = browser.see("graph-view rect.here");
    return String.valueOf(
        browser.run(
            "return document.querySelector('graph-view"
                + " rect.here').parentNode.querySelector('text').textContent"));
  }

  private String text() {
    browser.expect(
        "the text",
        () ->
            Boolean.TRUE.equals(
                browser.run("return Boolean(document.querySelector('.CodeMirror'))")));
    return String.valueOf(browser.run("return " + TEXT + ".getValue()"));
  }

  /** Waits until a fault is said at the line that has this part. */
  private void expectFault(String part, String said) {
    browser.expect(
        said + " at " + part,
        () ->
            String.valueOf(
                    browser.run(
                        "const text = "
                            + TEXT
                            + ";"
                            + """
                            const line = text.getValue().split('\\n').findIndex((each) => each.includes(arguments[0]));
                            return (text.lineInfo(line)?.widgets || []).map((widget) => widget.node.textContent).join(' ');
                            """,
                        part))
                .contains(said));
  }

  private void caretBehind(String part) {
    assertThat(text()).contains(part);
    var _ =
        browser.run(
            "const text = %s; text.focus(); text.setCursor(text.posFromIndex(text.getValue().indexOf(arguments[0]) + arguments[0].length))"
                .formatted(TEXT),
            part);
  }

  private void replace(String part, String by) {
    assertThat(text()).contains(part);
    var _ =
        browser.run(
            "const text = %s; const at = text.getValue().indexOf(arguments[0]); text.replaceRange(arguments[1], text.posFromIndex(at), text.posFromIndex(at + arguments[0].length))"
                .formatted(TEXT),
            part,
            by);
  }
}
