package io.trainyard.api.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The pages over HTTP: as a browser, a program and a person without script get them. */
@ServiceTest
@Timeout(120)
class SiteHttpTest {
  private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]+)\"");
  private static final Pattern MARKDOWN_LINK = Pattern.compile("\\]\\(([^) ]+)\\)");
  private static final Pattern ANCHOR = Pattern.compile("\\bid=\"([^\"]+)\"");
  private static final Pattern ADDRESS =
      Pattern.compile("http://127\\.0\\.0\\.1:8080(/[a-z0-9/-]*)");
  private static final String BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8";

  @Autowired private Http http;

  @Test
  void everyPageIsServedWithTheContentsAndItsTitle() {
    for (DocPage page : DocPages.packaged().all()) {
      Answer answer = http.get(page.path(), "Accept", BROWSER).expect(200);
      assertThat(answer.contentType()).isEqualTo("text/html;charset=UTF-8");
      assertThat(answer.text())
          .contains("<h1 id=", "aria-current=\"page\" href=\"" + page.path() + "\"")
          .contains("action=\"/docs/search\"");
    }
  }

  /**
   * Every link and file, from the root on, as a browser and a program find them, and those that the
   * page of the API shows; none is dead.
   */
  @Test
  void aCrawlFindsNoDeadLink() throws IOException {
    Map<String, Set<String>> anchors = new HashMap<>();
    Map<String, String> wanted = new HashMap<>();
    Deque<String> open = new ArrayDeque<>(List.of("/", "/docs/", "/docs/api"));
    ADDRESS
        .matcher(Files.readString(Path.of("README.md")))
        .results()
        .forEach(found -> open.add(found.group(1)));
    JsonNode root = http.get("/").json();
    for (String part : List.of("links", "schemas")) {
      root.get(part).forEach(link -> open.add(link.stringValue()));
    }
    for (String link : matches(MARKDOWN_LINK, http.get("/v3/api-docs").text())) {
      assertThat(link).startsWith("/");
      open.add(link);
    }
    while (!open.isEmpty()) {
      String path = open.poll();
      if (anchors.containsKey(path)) {
        continue;
      }
      Answer answer = http.get(path, "Accept", BROWSER);
      if (answer.status() == 302) {
        anchors.put(path, Set.of());
        open.add(answer.header("Location"));
        continue;
      }
      answer.expect(200);
      boolean isPage = answer.contentType().startsWith("text/html");
      anchors.put(path, isPage ? matches(ANCHOR, answer.text()) : Set.of());
      for (String link : isPage ? matches(LINK, answer.text()) : Set.<String>of()) {
        URI target = URI.create("http://here" + path).resolve(link.replace("&amp;", "&"));
        if (target.getHost().equals("here")) {
          String found =
              target.getRawPath() + (target.getQuery() == null ? "" : "?" + target.getRawQuery());
          open.add(found);
          if (target.getFragment() != null) {
            wanted.put(found + "#" + target.getFragment(), path);
          }
        }
      }
    }
    assertThat(anchors).hasSizeGreaterThan(DocPages.packaged().all().size());
    assertThat(wanted).isNotEmpty();
    wanted.forEach(
        (link, page) -> {
          String[] parts = link.split("#", 2);
          assertThat(anchors.get(parts[0])).as(page + " to " + link).contains(parts[1]);
        });
  }

  private static Set<String> matches(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(found -> found.group(1)).collect(Collectors.toSet());
  }

  @Test
  void theProtocolOfGrpcCanBeDownloaded() throws IOException {
    Answer answer = http.get("/docs/inference.proto").expect(200);
    assertThat(answer.contentType()).isEqualTo("text/plain;charset=UTF-8");
    assertThat(answer.text())
        .isEqualTo(Files.readString(Path.of("src/main/resources/proto/inference.proto")))
        .contains("service GRPCInferenceService");
  }

  @Test
  void aBrowserSeesPagesWhereProgramsGetJson() {
    Answer root = http.get("/", "Accept", BROWSER);
    assertThat(root.status()).isEqualTo(302);
    assertThat(root.header("Location")).isEqualTo("/console");
    for (String program : List.of("*/*", "application/json", "text/html;q=0.5,application/json")) {
      assertThat(http.get("/", "Accept", program).expect(200).json().get("service")).isNotNull();
    }
    Answer missing = http.get("/consle/%3Cb%3E", "Accept", BROWSER).expect(404);
    assertThat(missing.contentType()).isEqualTo("text/html;charset=UTF-8");
    assertThat(missing.response().headers().allValues("Vary")).contains("Accept");
    assertThat(missing.text())
        .contains("href=\"/docs/errors/route_not_found\"", "Contents")
        .doesNotContain("<b>");
    assertThat(missing.header("Content-Security-Policy")).startsWith("default-src 'self'");
    String java = "text/html, image/gif, image/jpeg, */*; q=0.2";
    http.get("/consle", "Accept", java).expectProblem(404, "route_not_found");
    assertThat(http.get("/favicon.ico").expect(200).contentType()).startsWith("image/svg+xml");
  }

  @Test
  void aSlashAtTheEndChangesNothing() {
    assertThat(http.get("/docs/guides/data/").expect(200).text())
        .isEqualTo(http.get("/docs/guides/data").text());
    assertThat(http.get("/v1/models/").expect(200).json()).isEqualTo(http.get("/v1/models").json());
  }

  @Test
  void aPageIsMarkdownForThoseWhoAskForIt() throws Exception {
    String source = Files.readString(Path.of("src/docs/runbooks/down.md"));
    for (Answer answer :
        List.of(
            http.get("/docs/runbooks/down.md"),
            http.get("/docs/runbooks/down", "Accept", "text/markdown"),
            http.get("/docs/runbooks/down", "Accept", "text/html;q=0.5, text/markdown"))) {
      assertThat(answer.expect(200).contentType()).isEqualTo("text/markdown;charset=UTF-8");
      assertThat(answer.text()).isEqualTo(source);
    }
    http.get("/docs/runbooks/down", "Accept", "image/png").expectProblem(406, "not_acceptable");
    assertThat(http.get("/docs.md").expect(200).text())
        .isEqualTo(Files.readString(Path.of("src/docs/index.md")));
    assertThat(http.get("/docs/errors.md").expect(200).text()).startsWith("# Errors");
  }

  @Test
  void anUnchangedPageIsNotSentAgain() {
    Answer first = http.get("/docs").expect(200);
    assertThat(first.header("Cache-Control")).isEqualTo("no-cache");
    assertThat(first.header("Vary")).contains("Accept");
    http.get("/docs", "If-None-Match", first.header("ETag")).expect(304);
    http.get("/docs", "If-None-Match", "\"other\"").expect(200);
  }

  @Test
  void anUnknownPageNamesTheNearest() {
    assertThat(detail("/docs/runbooks/dwon")).contains("did you mean /docs/runbooks/down?");
    assertThat(detail("/docs/guides/down")).contains("did you mean /docs/runbooks/down?");
    assertThat(detail("/docs/runbooks/zzz")).contains("/docs lists all pages");
    http.get("/docs/runbooks/..%2fapplication").expect(400);
    http.get("/docs/reference/plots/nothing.svg").expectProblem(404, "route_not_found");
    http.get("/docs/pictures/nothing.webp").expectProblem(404, "route_not_found");
    http.get("/docs/pictures/..%2findex.md").expect(400);
    assertThat(http.get("/docs/pictures/lesson.webp").expect(200).header("Content-Type"))
        .isEqualTo("image/webp");
    http.get("/docs/assets/nothing").expectProblem(404, "route_not_found");
  }

  private String detail(String path) {
    return http.get(path).expectProblem(404, "route_not_found").json().get("detail").stringValue();
  }

  @Test
  void filesOfThePagesAreKeptByBrowsersForEver() {
    String page = http.get("/docs").text();
    List<String> paths =
        Pattern.compile("(?:href|src)=\"(/docs/assets/[^\"]+)\"")
            .matcher(page)
            .results()
            .map(found -> found.group(1))
            .distinct()
            .toList();
    assertThat(paths).hasSize(4);
    for (String path : paths) {
      Answer file = http.get(path).expect(200);
      assertThat(file.header("Cache-Control")).contains("max-age=31536000", "immutable");
      assertThat(http.get(path.replaceFirst("v=.*", "v=0")).header("Cache-Control"))
          .isEqualTo("no-cache");
    }
  }

  /** Their policy allows no script within a page, and nothing from elsewhere. */
  @Test
  void pagesNeedNothingFromElsewhere() {
    List<String> pages = new ArrayList<>(List.of("/docs/api"));
    for (DocPage page : DocPages.packaged().all()) {
      pages.add(page.path());
    }
    for (String page : pages) {
      Answer answer = http.get(page);
      assertThat(answer.header("Content-Security-Policy")).startsWith("default-src 'self';");
      assertThat(answer.text())
          .doesNotContainPattern("(?i)<(script|link|img)[^>]*(src|href)=\"(https?:)?//")
          .doesNotContainPattern("(?i)<script(?![^>]*\\bsrc=)[^>]*>")
          .doesNotContainPattern("(?i)<[^>]*\\son[a-z]+=");
    }
  }

  @Test
  void aSearchAnswersReadersAndPrograms() {
    Answer page = http.get("/docs/search?q=missed+heartbeats", "Accept", BROWSER).expect(200);
    assertThat(page.contentType()).startsWith("text/html");
    assertThat(page.text())
        .contains("/docs/runbooks/down#what-it-means", "<mark>heartbeats</mark>")
        .contains("value=\"missed heartbeats\"");
    JsonNode json =
        http.get("/docs/search?q=missed+heartbeats", "Accept", "application/json").json();
    assertThat(json.get("results").valueStream().map(each -> each.get("path").stringValue()))
        .contains("/docs/runbooks/down#what-it-means");
    assertThat(http.get("/docs/search", "Accept", BROWSER).text()).contains("Write a name");
    assertThat(http.get("/docs/search?q=zzzyyy", "Accept", BROWSER).text())
        .contains("Nothing has all");
    http.get("/docs/search?q=" + "a".repeat(101)).expectProblem(400, "invalid_parameter");
  }

  @Test
  void aSearchShowsNoMarkupOfItsCaller() {
    String page =
        http.get("/docs/search?q=%3Cscript%3Ealert(1)%3C/script%3E%22x", "Accept", BROWSER)
            .expect(200)
            .text();
    assertThat(page).doesNotContain("<script>alert").contains("&lt;script&gt;alert(1)");
  }
}
