package io.trainyard.api.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The pages over HTTP: as a browser, a program and a person without script get them. */
@ServiceTest
@Timeout(120)
class SiteHttpTest {
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
    assertThat(paths).hasSize(3);
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
    for (DocPage page : DocPages.packaged().all()) {
      Answer answer = http.get(page.path());
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
