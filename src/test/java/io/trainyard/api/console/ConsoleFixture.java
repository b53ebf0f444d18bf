package io.trainyard.api.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** A service and one browser that shows its console; each test begins on a wide, light screen. */
@ServiceTest
@Tag("tools")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
abstract class ConsoleFixture {
  /** A text of a caller that must not become markup. */
  static final String HOSTILE = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>";

  @Autowired Http http;
  Chromium browser;

  @BeforeAll
  void open() {
    assumeTrue(Chromium.isInstalled(), "there is no /usr/bin/chromium or chromedriver");
    browser = new Chromium(http.base());
  }

  @BeforeEach
  void desktop() {
    browser.screen(1280, 1000, "light");
  }

  @AfterAll
  void close() {
    if (browser != null) {
      browser.close();
    }
  }

  /** How many there are of what a selector finds. */
  int count(String selector) {
    Object count = browser.run("return document.querySelectorAll(arguments[0]).length", selector);
    return ((Number) Objects.requireNonNull(count)).intValue();
  }

  /** The call that a page shows to copy. */
  String shownCall() {
    return String.valueOf(
        browser.run("return document.querySelector('copy-call pre').textContent"));
  }

  /** What a button puts on the clipboard. */
  String copiedBy(String button) {
    var _ =
        browser.run(
            "Object.defineProperty(navigator, 'clipboard', {configurable: true, value: {writeText:"
                + " async (text) => { window.copied = text; }}})");
    browser.press(button);
    browser.read("Copied");
    return String.valueOf(browser.run("return window.copied"));
  }

  /** That the texts of a caller on the page are texts. */
  void expectNoMarkup() {
    assertThat(browser.run("return document.querySelectorAll('main img, main b > b').length"))
        .isEqualTo(0L);
    assertThat(String.valueOf(browser.run("return document.title"))).doesNotContain("owned");
  }

  /** What a command writes. */
  static String output(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return output;
  }
}
