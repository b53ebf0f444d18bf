package io.trainyard.api.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the pages show beyond plain Markdown. */
class MarkdownTest {
  private static final Pattern TAG = Pattern.compile("<[^>]+>");

  private static String html(String text) {
    return new Markdown(text, "/docs/guides/planted").html();
  }

  @Test
  void codeIsColoured() {
    assertThat(html("```json\n{\"a\": [\"b\", -1.5e3, true]}\n```"))
        .contains("<pre tabindex=\"0\"><code class=\"language-json\">")
        .contains("<span class=\"name\">&quot;a&quot;</span>: [")
        .contains("<span class=\"text\">&quot;b&quot;</span>, <span class=\"number\">-1.5e3</span>")
        .contains("<span class=\"name\">true</span>");
    assertThat(html("```sh\n# it's\ncurl \"$URL\" -d '{\"a\": 1}' | sed 's/a/b/'\n```"))
        .contains("<span class=\"comment\"># it&#39;s</span>")
        .contains("<span class=\"name\">curl</span> <span class=\"text\">&quot;$URL&quot;</span>")
        .contains("'{<span class=\"name\">&quot;a&quot;</span>: <span class=\"number\">1</span>}'")
        .contains("| <span class=\"name\">sed</span>");
    assertThat(html("```sh\ncat > a <<'JSON'\n{\"a\": 1}\nJSON\nls\n```"))
        .contains(
            "{<span class=\"name\">&quot;a&quot;</span>: <span class=\"number\">1</span>}\nJSON");
    assertThat(html("```python\nimport numpy as np  # 1\n```"))
        .contains("<span class=\"name\">import</span> numpy")
        .contains("<span class=\"comment\"># 1</span>");
    assertThat(html("```text\nimport \"a\" 1\n```")).doesNotContain("<span");
  }

  /** Whatever a block holds, only marks are added to it. */
  @ParameterizedTest
  @CsvSource({"json", "sh", "python", "java", "yaml", "text", "''"})
  void coloursChangeNoText(String language) {
    String code = "a: \"b\\\" <i> & 'c' # d 1.5e3 'x\n\"\"\"y // z \"".repeat(500);
    String shown = TAG.matcher(CodeColours.html(language, code)).replaceAll("");
    assertThat(org.springframework.web.util.HtmlUtils.htmlUnescape(shown)).isEqualTo(code);
  }

  @Test
  void aReplyLooksUnlikeACommand() {
    assertThat(html("```sh\nls\n```\n\n```json reply\n{}\n```"))
        .containsOnlyOnce("<div class=\"reply\"><p>Reply</p><pre tabindex=\"0\">")
        .contains("</pre></div>");
  }

  @Test
  void aTableCanBeScrolled() {
    assertThat(html("| a |\n|---|\n| b |"))
        .contains("<div class=\"table\" tabindex=\"0\"><table>")
        .contains("</table></div>");
    assertThat(html("`<table>`")).doesNotContain("<div");
  }
}
