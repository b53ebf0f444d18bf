package io.trainyard.api.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Debian's Chromium without a window, and what a person would see and miss in it. */
final class Chromium implements AutoCloseable {
  private static final Path BROWSER = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String AXE = "/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js";
  private static final Path PICTURES = Path.of("target", "console");

  private final ChromeDriver driver;
  private final String base;

  static boolean isInstalled() {
    return Files.isExecutable(BROWSER) && Files.isExecutable(DRIVER);
  }

  /**
   * Opens a browser.
   *
   * @param base the address of the service
   */
  Chromium(String base) {
    this.base = base;
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(BROWSER.toString());
    options.addArguments(
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage");
    options.setCapability("goog:loggingPrefs", logs);
    driver =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(new File(DRIVER.toString()))
                .usingAnyFreePort()
                .build(),
            options);
    driver.manage().timeouts().scriptTimeout(LIMIT);
  }

  /** Sees pages as a screen of that width and scheme does. */
  void screen(int width, int height, String scheme) {
    var _ =
        driver.executeCdpCommand(
            "Emulation.setDeviceMetricsOverride",
            Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    var _ =
        driver.executeCdpCommand(
            "Emulation.setEmulatedMedia",
            Map.of(
                "features",
                List.of(
                    Map.of("name", "prefers-color-scheme", "value", scheme),
                    Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
  }

  /** Takes the network away, and gives it back. */
  void connect(boolean on) {
    var _ = driver.executeCdpCommand("Network.enable", Map.of());
    var _ =
        driver.executeCdpCommand(
            "Network.emulateNetworkConditions",
            Map.of("offline", !on, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
  }

  /** Opens a page of the console and waits for its heading. */
  void open(String path) {
    driver.get(base + "/console" + path);
    var _ = see("main h1");
  }

  /** The first that a selector finds, once it is there. */
  WebElement see(String selector) {
    return waited(
        "to see " + selector,
        () ->
            driver.findElements(By.cssSelector(selector)).stream()
                .filter(WebElement::isDisplayed)
                .findFirst()
                .orElse(null));
  }

  /** Waits for a text on the page. */
  void read(String text) {
    Objects.requireNonNull(
        waited("to read " + text, () -> text().contains(text) ? Boolean.TRUE : null));
  }

  /** With the words that only a screen reader tells. */
  private static String nameOf(WebElement element) {
    return String.valueOf(element.getDomProperty("textContent")).strip().replaceAll("\\s+", " ");
  }

  /** Waits until something is so. */
  void expect(String what, BooleanSupplier isSo) {
    Objects.requireNonNull(waited("for " + what, () -> isSo.getAsBoolean() ? Boolean.TRUE : null));
  }

  String text() {
    return String.valueOf(driver.executeScript("return document.body.innerText"));
  }

  /** Presses what has this name. */
  void press(String name) {
    WebElement found =
        waited(
            "to press " + name,
            () ->
                driver.findElements(By.cssSelector("button, a, summary")).stream()
                    .filter(each -> each.isDisplayed() && nameOf(each).equals(name))
                    .findFirst()
                    .orElse(null));
    // Not under the head of the page, which covers what lies there.
    var _ = driver.executeScript("arguments[0].scrollIntoView({block: 'nearest'})", found);
    found.click();
  }

  /** Moves the pointer over the first that a selector finds, to a share of its width. */
  void point(String selector, double share) {
    at(selector, share).perform();
  }

  /** Drags over the first that a selector finds, from one share of its width to another. */
  void drag(String selector, double from, double to) {
    int way = (int) ((to - from) * see(selector).getRect().width);
    at(selector, from).clickAndHold().moveByOffset(way, 0).release().perform();
  }

  void doubleClick(String selector) {
    at(selector, 0.5).doubleClick().perform();
  }

  private Actions at(String selector, double share) {
    WebElement found = see(selector);
    int width = found.getRect().width;
    return new Actions(driver).moveToElement(found, (int) (share * width) - width / 2, 0);
  }

  void print() {
    var _ = driver.executeCdpCommand("Page.printToPDF", Map.of());
  }

  /** Types into what has the focus. */
  void type(CharSequence... keys) {
    driver.switchTo().activeElement().sendKeys(keys);
  }

  /** Chooses a file. */
  void give(String selector, Path file) {
    var _ = see("main h1");
    driver.findElement(By.cssSelector(selector)).sendKeys(file.toString());
  }

  private <T> T waited(String what, Supplier<@Nullable T> found) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      try {
        T value = found.get();
        if (value != null) {
          return value;
        }
      } catch (StaleElementReferenceException e) {
        // drawn again since
      }
      assertThat(System.nanoTime()).as("%s in:%n%s", what, text()).isLessThan(deadline);
      Http.pause(Duration.ofMillis(50));
    }
  }

  @Nullable Object run(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  /**
   * That the console had no error since it was last asked, among them what the policy refuses, and
   * asked no other server.
   */
  void expectNoComplaint(String where) {
    List<String> complaints = new ArrayList<>();
    driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().equals(Level.SEVERE))
        .forEach(entry -> complaints.add(entry.getMessage()));
    assertThat(complaints).as(where).isEmpty();
    TreeSet<String> asked = new TreeSet<>();
    driver
        .manage()
        .logs()
        .get(LogType.PERFORMANCE)
        .forEach(
            entry -> {
              JsonNode message = JsonMapper.shared().readTree(entry.getMessage()).get("message");
              if (message.path("method").stringValue("").equals("Network.requestWillBeSent")) {
                asked.add(message.at("/params/request/url").stringValue(""));
              }
            });
    assertThat(asked)
        .as(where)
        .allSatisfy(
            url -> {
              if (url.startsWith("http")) {
                assertThat(URI.create(url).getAuthority())
                    .isEqualTo(URI.create(base).getAuthority());
              }
            });
  }

  /** That the browser noted an answer that a test wants, as it notes all that are no success. */
  void expectComplaint(String part) {
    assertThat(driver.manage().logs().get(LogType.BROWSER).getAll())
        .isNotEmpty()
        .allSatisfy(entry -> assertThat(entry.getMessage()).contains(part));
  }

  /** That axe-core finds nothing that keeps somebody out, and nothing is wider than the screen. */
  void expectAccessible(String where) {
    // What is drawn by its width follows a change of the screen in a later frame.
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!wider().isEmpty() && System.nanoTime() < deadline) {
      Http.pause(Duration.ofMillis(50));
    }
    assertThat(wider()).as("%s is wider than the screen", where).isEmpty();
    try (InputStream in = Chromium.class.getResourceAsStream(AXE)) {
      var _ =
          driver.executeScript(
              new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Object found =
        driver.executeAsyncScript(
            """
            const done = arguments[arguments.length - 1];
            const rules = {"label-content-name-mismatch": {enabled: true}};
            axe.run(document, {rules}).then((result) => done(result.violations.map((violation) =>
              violation.id + ": " + violation.help + " " + violation.nodes.map((node) => node.html + " " + node.failureSummary).join("; "))));
            """);
    assertThat((List<?>) found).as(where).isEmpty();
  }

  /**
   * By how much the page is wider than the screen and what reaches past its edge; empty if it fits.
   */
  private List<?> wider() {
    return (List<?>)
        Objects.requireNonNull(
            run(
                """
                const {scrollWidth, clientWidth} = document.documentElement;
                if (scrollWidth === clientWidth) return [];
                const past = [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > clientWidth);
                return [`${scrollWidth - clientWidth} px`, ...past.map((each) => each.outerHTML.slice(0, 200))];
                """));
  }

  /** Keeps a picture of the page for eyes. */
  void picture(String name) {
    try {
      var _ =
          Files.write(
              Files.createDirectories(PICTURES).resolve(name + ".png"),
              driver.getScreenshotAs(OutputType.BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A picture that the documentation shows; {@code -Dpictures.write=true} takes it again. */
  void illustrate(String name) {
    picture(name);
    Path shown = Path.of("src", "docs", "pictures", name + ".webp");
    if (Boolean.getBoolean("pictures.write")) {
      Object data =
          driver
              .executeCdpCommand("Page.captureScreenshot", Map.of("format", "webp", "quality", 75))
              .get("data");
      try {
        var _ = Files.write(shown, Base64.getDecoder().decode(String.valueOf(data)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    assertThat(shown).exists();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
