package io.trainyard.api.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trainyard.KeyedService;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** The console of a service that asks for keys. */
@Tag("tools")
@Timeout(200)
class KeyedConsoleTest extends KeyedService {
  @Test
  void aKeyIsAskedForKeptInTheTabAndARevokedOneIsSaidInPlace() {
    assumeTrue(Chromium.isInstalled(), "there is no /usr/bin/chromium or chromedriver");
    try (Chromium browser = new Chromium(nobody().base())) {
      browser.screen(1280, 900, "light");
      browser.open("/datasets");
      browser.read("This service needs a key");
      browser.expectAccessible("the question for a key");
      browser.picture("key");
      browser.see("key-form input").sendKeys("no-such-key\n");
      browser.read("The service does not know this key");
      JsonNode key = makeKey("\"scopes\": [\"read\", \"datasets:write\"]");
      browser.see("key-form input").clear();
      browser.see("key-form input").sendKeys(key.get("key").stringValue() + "\n");
      browser.read("Drop a table here");
      browser.read("Take iris");
      assertThat(browser.run("return localStorage.getItem('trainyard.key')")).isNull();
      // A reload keeps it.
      browser.open("/datasets");
      browser.read("Take iris");
      browser.press("Copy as curl, Python or Java");
      assertThat(browser.text())
          .contains("Authorization: Bearer $TRAINYARD_KEY")
          .doesNotContain(key.get("key").stringValue());

      var _ = admin().delete("/v1/keys/" + key.get("id").stringValue()).expect(204);
      browser.open("/jobs");
      browser.read("Give a key that the service knows");
      // The service knows that key no more, so the tab has forgotten it and asks for another.
      assertThat(browser.run("return sessionStorage.getItem('trainyard.key')")).isNull();
      browser.see("key-form input").sendKeys(ADMIN_KEY + "\n");
      browser.expect(
          "the list to come by itself",
          () -> !browser.text().contains("Give a key that the service knows"));
    }
  }

  @Test
  void theOperationsSayWhoHasKeysAndWhoChangedWhat() {
    assumeTrue(Chromium.isInstalled(), "there is no /usr/bin/chromium or chromedriver");
    JsonNode key = makeKey("\"scopes\": [\"read\"]");
    String name = key.get("name").stringValue();
    try (Chromium browser = new Chromium(nobody().base())) {
      browser.screen(1280, 900, "light");
      browser.open("/operations");
      browser.see("key-form input").sendKeys(key.get("key").stringValue() + "\n");
      browser.read("needs the scope admin");
      browser.read("cpu: 0 of 1 slot");
      browser.screen(360, 900, "dark");
      browser.expectAccessible("the operations for a reader");
      var _ = browser.run("sessionStorage.setItem('trainyard.key', arguments[0])", ADMIN_KEY);
      browser.screen(1280, 900, "light");
      browser.open("/operations?resource=/v1/keys");
      browser.read(name);
      browser.expectAccessible("the operations");
      browser.picture("operations");
      browser.press("End the key " + name);
      browser.read("Programs that send the key that begins with");
      browser.press("End it");
      browser.expect("the key to go", () -> !browser.see("main").getText().contains(name));
      browser.read("/v1/keys/" + key.get("id").stringValue());
      nobody()
          .get("/v1/jobs", "Authorization", "Bearer " + key.get("key").stringValue())
          .expect(401);
    }
  }

  /** A card is refused in the words of the service, and a caller of all names has no fewer. */
  @Test
  void theOperationsSayWhichScopeIsMissingAndWhatAKeyIsBoundTo() {
    assumeTrue(Chromium.isInstalled(), "there is no /usr/bin/chromium or chromedriver");
    JsonNode predicts = makeKey("\"scopes\": [\"predict\"]");
    JsonNode bound = makeKey("\"scopes\": [\"read\"], \"models\": [\"mine-*\"]");
    try (Chromium browser = new Chromium(nobody().base())) {
      browser.screen(1280, 900, "light");
      browser.open("/operations");
      browser.see("key-form input").sendKeys(predicts.get("key").stringValue() + "\n");
      browser.read("needs the scope read");
      var _ = browser.run("sessionStorage.setItem('trainyard.key', arguments[0])", ADMIN_KEY);
      browser.open("/operations?resource=/v1/keys");
      browser.read(bound.get("name").stringValue());
      assertThat(rowOf(browser, predicts)).contains("models: all", "datasets: all");
      assertThat(rowOf(browser, bound)).contains("models: mine-*", "datasets: all");

      // What is open stays open when something is new above it.
      browser.press("Show");
      var _ = browser.see("details[open] pre");
      String open = "return document.querySelector('details[open] pre').textContent";
      String before = String.valueOf(browser.run(open));
      JsonNode newer = makeKey("\"scopes\": [\"read\"]");
      browser.read("/v1/keys/" + newer.get("id").stringValue());
      assertThat(browser.run(open)).isEqualTo(before);
    }
  }

  private static String rowOf(Chromium browser, JsonNode key) {
    return String.valueOf(
        browser.run(
            "return [...document.querySelectorAll('tr')].find((row) => row.textContent.includes(arguments[0])).innerText",
            key.get("name").stringValue()));
  }

  /** Authorization code with PKCE; the provider takes the code only with its verifier. */
  @Test
  void aLoginWithTheProviderLeadsBackToThePageWithAToken() {
    assumeTrue(Chromium.isInstalled(), "there is no /usr/bin/chromium or chromedriver");
    ISSUER.logsIn(token("read datasets:write", List.of("*"), List.of("*")));
    try (Chromium browser = new Chromium(nobody().base())) {
      browser.screen(1280, 900, "light");
      browser.open("/datasets?find=none");
      browser.press("Log in");
      browser.read("Take iris");
      assertThat(String.valueOf(browser.run("return location.pathname + location.search")))
          .isEqualTo("/console/datasets?find=none");
    }
  }
}
