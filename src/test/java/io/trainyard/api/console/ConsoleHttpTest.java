package io.trainyard.api.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The page of the console and its files, as a browser gets them. */
@ServiceTest
class ConsoleHttpTest {
  private static final String BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8";
  private static final Pattern MAP = Pattern.compile("<script type=\"importmap\">(.*?)</script>");
  private static final Pattern IMPORT =
      Pattern.compile("(?:from|import)\\s*\\(?\\s*[\"']([^\"']+)[\"']");
  private static final Pattern PAGE = Pattern.compile("element: \"([a-z-]+)\"");

  /** What goes over the line until the first page is there. */
  private static final int FIRST_PAGE = 120_000;

  /** What goes over the line until the editor is there. */
  private static final int EDITOR = 250_000;

  /** Libraries of single pages, which import nothing of ours. */
  private static final List<String> OF_PAGES = List.of("/lib/codemirror/");

  @Autowired private Http http;

  @Test
  void aBrowserIsLedFromTheRootToThePage() {
    assertThat(http.get("/", "Accept", BROWSER).expect(302).header("Location"))
        .isEqualTo("/console");
    for (String path : List.of("/console", "/console/", "/console/jobs/a?state=failed&x=1")) {
      Answer page = http.get(path, "Accept", BROWSER).expect(200);
      assertThat(page.contentType()).isEqualTo("text/html;charset=UTF-8");
      assertThat(page.text()).contains("<console-app></console-app>");
      assertThat(page.header("Cache-Control")).isEqualTo("no-cache");
    }
  }

  @Test
  void thePolicyNamesTheImportMapAndNothingElseThatIsInline() {
    Answer page = http.get("/console", "Accept", BROWSER).expect(200);
    assertThat(page.response().headers().allValues("Content-Security-Policy")).hasSize(1);
    String policy = page.header("Content-Security-Policy");
    Matcher map = MAP.matcher(page.text());
    assertThat(map.find()).isTrue();
    assertThat(policy)
        .contains("script-src 'self' '" + ConsolePage.hash(map.group(1)) + "';")
        .contains("default-src 'none'", "style-src 'self';", "connect-src 'self';")
        .contains("frame-ancestors 'none'", "base-uri 'none'")
        .doesNotContain("unsafe", "*", "http");
    assertThat(page.text().replace(map.group(), ""))
        .doesNotContain("style=", "<style", " on")
        .doesNotContainPattern("<script(?![^>]* src=)");
  }

  @Test
  void theHashIsThatOfSha256() {
    // printf abc | openssl dgst -sha256 -binary | base64
    assertThat(ConsolePage.hash("abc"))
        .isEqualTo("sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
  }

  @Test
  void behindAProxyAllAddressesBeginWithItsPrefix() {
    Answer page =
        http.get("/console", "Accept", BROWSER, "X-Forwarded-Prefix", "/yard").expect(200);
    Matcher map = MAP.matcher(page.text());
    assertThat(map.find()).isTrue();
    assertThat(page.header("Content-Security-Policy")).contains(ConsolePage.hash(map.group(1)));
    assertThat(page.text()).contains("href=\"/yard/docs\"");
    assertThat(page.text().replace("/yard/console/files/", "")).doesNotContain("\"/console/files/");
  }

  /** From the entry on, every script that is imported is there; so is each page. */
  @Test
  void everyImportLeadsToAFile() {
    List<String> pages =
        PAGE.matcher(http.get(file("app.js")).text())
            .results()
            .map(found -> found.group(1))
            .toList();
    assertThat(pages).contains("start-page", "editor-page", "missing-page");
    Set<String> seen = imported(pages);
    assertThat(seen)
        .contains(file("lib/lit-html/lit-html.js"), file("lib/codemirror/lib/codemirror.js"));
    // What nothing imports does not belong into the jar.
    assertThat(ConsoleFiles.packaged().paths().stream().filter(path -> path.endsWith(".js")))
        .allMatch(path -> seen.contains(file(path)) || path.equals("theme.js"));
  }

  /** The scripts that the entry and some pages import. */
  private Set<String> imported(List<String> pages) {
    JsonNode names = names();
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>();
    open.add(file("app.js"));
    pages.forEach(page -> open.add(file("pages/" + page + ".js")));
    while (!open.isEmpty()) {
      String path = open.poll();
      if (!seen.add(path)) {
        continue;
      }
      Answer answer = http.get(path).expect(200);
      assertThat(answer.contentType()).isEqualTo("text/javascript;charset=UTF-8");
      assertThat(answer.header("Cache-Control")).contains("immutable");
      if (OF_PAGES.stream().anyMatch(path::contains)) {
        continue;
      }
      for (String name :
          IMPORT.matcher(answer.text()).results().map(found -> found.group(1)).toList()) {
        if (name.startsWith("./") || name.startsWith("../")) {
          if (!name.contains("$")) {
            open.add(URI.create(path).resolve(name).getPath());
          }
        } else {
          open.add(resolved(names, name));
        }
      }
    }
    return seen;
  }

  private static String resolved(JsonNode names, String name) {
    if (names.has(name)) {
      return names.get(name).stringValue();
    }
    String folder =
        names.propertyNames().stream()
            .filter(each -> each.endsWith("/") && name.startsWith(each))
            .findFirst()
            .orElseThrow(() -> new AssertionError("the import map lacks " + name));
    return names.get(folder).stringValue() + name.substring(folder.length());
  }

  private JsonNode names() {
    Matcher map = MAP.matcher(http.get("/console", "Accept", BROWSER).text());
    assertThat(map.find()).isTrue();
    return JsonMapper.shared().readTree(map.group(1)).get("imports");
  }

  private static String file(String path) {
    return "/console/files/" + ConsoleFiles.packaged().version() + "/" + path;
  }

  @Test
  void theFirstPageIsSmall() {
    // Each of them may be the first that a link opens.
    for (String page :
        List.of("start-page", "jobs-page", "job-page", "model-page", "version-page")) {
      Stream<String> scripts =
          imported(List.of(page)).stream()
              .filter(path -> OF_PAGES.stream().noneMatch(path::contains));
      assertThat(packed(Stream.concat(Stream.of(file("console.css")), scripts)))
          .as(page)
          .isBetween(10_000, FIRST_PAGE);
    }
  }

  @Test
  void theEditorIsSmall() {
    Stream<String> styles =
        ConsoleFiles.packaged().paths().stream()
            .filter(path -> path.endsWith(".css"))
            .map(ConsoleHttpTest::file);
    Stream<String> scripts = imported(List.of("editor-page")).stream();
    assertThat(
            packed(Stream.of(styles, scripts, Stream.of("/v1/schema/job")).flatMap(part -> part)))
        .isBetween(100_000, EDITOR);
  }

  /** The bytes of the answers at these paths, as they go over the line. */
  private int packed(Stream<String> paths) {
    return paths
        .mapToInt(path -> http.get(path, "Accept-Encoding", "gzip").expect(200).bytes().length)
        .sum();
  }

  @Test
  void filesComePackedToThoseThatUnpackThem() {
    Answer packed = http.get(file("app.js"), "Accept-Encoding", "br, gzip").expect(200);
    Answer plain = http.get(file("app.js")).expect(200);
    assertThat(packed.header("Content-Encoding")).isEqualTo("gzip");
    assertThat(packed.response().headers().allValues("Vary")).contains("Accept-Encoding");
    assertThat(plain.header("Content-Encoding")).isEmpty();
    assertThat(packed.bytes().length).isLessThan(plain.bytes().length);
  }

  @Test
  void anOldVersionIsNotKeptAndAnUnknownFileIsSaid() {
    assertThat(http.get("/console/files/0/app.js").expect(200).header("Cache-Control"))
        .isEqualTo("no-store");
    http.get(file("passwords.js")).expectProblem(404, "route_not_found");
    http.get("/console/files/0").expectProblem(404, "route_not_found");
    http.get("/console/files/0/..%2f..%2fapplication.yml").expectProblem(400, "malformed_request");
  }

  /** The policy refuses styles in attributes, and only Lit's own templates may become markup. */
  @Test
  void scriptsWriteNoMarkupOfTheirOwn() {
    for (String path : ConsoleFiles.packaged().paths()) {
      if (path.endsWith(".js") && !path.startsWith("lib/")) {
        String text =
            new String(
                ConsoleFiles.packaged().find(path).orElseThrow().content().plain(),
                StandardCharsets.UTF_8);
        assertThat(text)
            .as(path)
            .doesNotContain(
                " style=", "styleMap", "innerHTML", "outerHTML", "unsafeHTML", "insertAdjacent")
            .doesNotContain("eval(", "document.write", "https://");
      }
    }
  }
}
