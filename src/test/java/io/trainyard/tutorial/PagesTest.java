package io.trainyard.tutorial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trainyard.tutorial.Block.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How pages are read and carried out, and what all of them have. */
class PagesTest {
  /** As JSON, or as the client for Python prints it. */
  private static final Pattern PROBLEM = Pattern.compile("\"code\"|^[a-z_]+ \\(4\\d\\d\\): ");

  @TempDir private Path folder;

  static List<Page> pages() throws IOException {
    return Page.all();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void pageStartsWithATitleAndWhatTheReaderGets(Page page) {
    assertThat(page.lines().getFirst()).startsWith("# ");
    assertThat(page.lines().get(1)).isEmpty();
    assertThat(page.lines().get(2)).as("the first paragraph").matches("[A-Z`].*");
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyReplyFollowsACommand(Page page) {
    List<Block> blocks = page.blocks();
    for (int i = 0; i < blocks.size(); i++) {
      if (blocks.get(i).replies()) {
        assertThat(i > 0 && blocks.get(i - 1).runs()).as(page.place(blocks.get(i))).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void tutorialShowsAMistakeAndItsProblem(Page page) {
    assumeTrue(page.file().toString().contains("/tutorials/"), "a guide need not");
    assertThat(page.blocks())
        .anyMatch(block -> block.replies() && PROBLEM.matcher(block.text()).find());
  }

  @Test
  void readsBlocksWithTheirLines() {
    Page page = page("# Title", "", "```sh", "echo a", "```", "", "```text reply", "a", "```");
    assertThat(page.blocks())
        .containsExactly(
            new Block(4, Kind.SHELL, "echo a\n"), new Block(8, Kind.TEXT_REPLY, "a\n"));
  }

  @Test
  void refusesABlockThatNobodyKnowsAndOneWithoutEnd() {
    assertThatThrownBy(() -> page("```sh run", "```")).hasMessageContaining("page.md:1");
    assertThatThrownBy(() -> page("```sh", "echo")).hasMessageContaining("does not end");
  }

  @Test
  void runsAllBlocksInOneSession() throws Exception {
    Page page =
        page(
            "```sh",
            "A=1; cat > a.txt <<'END'",
            "one",
            "END",
            "```",
            "```sh",
            "echo $A $URL http://127.0.0.1:8080/x; cat a.txt",
            "```",
            "```text reply",
            "1 http://localhost:1 http://localhost:1/x",
            "one",
            "```");
    assertThat(run(page)).isEmpty();
  }

  @Test
  void tellsAReplyThatDiffers() throws Exception {
    Page page = page("```sh", "echo '{\"a\": 1}'", "```", "```json reply", "{\"a\": 2}", "```");
    assertThat(run(page)).containsExactly("page.md:5: /a: shown 2, was 1");
  }

  @Test
  void tellsAReplyThatNothingPrints() throws Exception {
    Page page = page("```sh", "echo a", "```", "```json reply", "{\"a\": 2}", "```");
    assertThat(run(page)).containsExactly("page.md:5: no JSON was printed: a\n");
  }

  @Test
  void tellsACommandThatFails() throws Exception {
    Page page = page("```sh", "false", "```", "```sh", "echo never", "```");
    assertThat(run(page)).containsExactly("page.md:2: ended with status 1\n");
  }

  @Test
  void tellsAProblemThatThePageDoesNotShow() throws Exception {
    Page page =
        page("```sh", "echo '{\"type\": \"urn:trainyard:problem:unknown_dataset\"}'", "```");
    assertThat(run(page)).singleElement().asString().contains("does not show that it fails");
  }

  @Test
  void endsAtPythonWhereThereIsNoTorch() throws Exception {
    Page page = page("```sh", "true", "```", "```python run", "nonsense", "```");
    assertThat(run(page)).isEmpty();
  }

  @Test
  void cellsShareTheirVariables() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "there is no Python");
    Page page =
        page(
            "```python cell",
            "a = 41",
            "print('first')",
            "```",
            "```text reply",
            "first",
            "```",
            "```sh",
            "echo between",
            "```",
            "```text reply",
            "between",
            "```",
            "```python cell",
            "import trainyard",
            "print(a + 1, 'http://127.0.0.1:8080')",
            "```",
            "```text reply",
            "42 http://localhost:1",
            "```");
    assertThat(run(page)).isEmpty();
  }

  @Test
  void tellsACellThatFails() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "there is no Python");
    Page page = page("```python cell", "print(b)", "```", "```python cell", "never", "```");
    assertThat(run(page))
        .singleElement()
        .asString()
        .startsWith("page.md:2: ended with status 1")
        .contains("NameError: name 'b' is not defined");
  }

  private List<String> run(Page page) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no bash");
    return PageRun.differences(
        page, "http://localhost:1", EnumSet.of(Kind.SHELL, Kind.CELL), folder);
  }

  private static Page page(String... lines) {
    return Page.of(Path.of("page.md"), String.join("\n", lines));
  }
}
