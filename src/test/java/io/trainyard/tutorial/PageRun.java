package io.trainyard.tutorial;

import io.trainyard.tutorial.Block.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A page carried out by bash, and what differed from what it shows. */
final class PageRun {
  private static final long SECONDS = 300;
  private static final Path CLIENT = Path.of("src/clients/python");
  private static final String PYTHON = "/usr/bin/python3";

  /** Runs the cells that bash names, one after the other, with the same variables. */
  private static final String SESSION =
      """
      import contextlib, sys, traceback
      variables = {"__name__": "__main__"}
      for line in sys.stdin:
          cell = line.rstrip("\\n")
          with open(cell + ".out", "w") as out, open(cell + ".err", "w") as err:
              with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                  try:
                      exec(compile(open(cell + ".py").read(), cell, "exec"), variables)
                      ended = "done"
                  except BaseException:
                      traceback.print_exc()
                      ended = "failed"
          print(ended, flush=True)
      """;

  private final Page page;
  private final List<Block> commands;
  private final Path outputs;

  private PageRun(Page page, List<Block> commands, Path outputs) {
    this.page = page;
    this.commands = commands;
    this.outputs = outputs;
  }

  /**
   * Carries out a page and gives what differed; nothing when all is as shown.
   *
   * @param service the address of the service
   * @param runnable the kinds of blocks that can run here; the page ends at the first of others
   * @param folder an empty one
   */
  static List<String> differences(Page page, String service, Set<Kind> runnable, Path folder)
      throws IOException, InterruptedException {
    List<Block> commands =
        page.blocks().stream()
            .filter(Block::runs)
            .takeWhile(block -> runnable.contains(block.kind()))
            .toList();
    Path outputs = Files.createDirectory(folder.resolve("outputs"));
    PageRun run = new PageRun(page, commands, outputs);
    int exit = run.bash(service, Files.createDirectory(folder.resolve("work")));
    return run.differences(exit);
  }

  private int bash(String service, Path work) throws IOException, InterruptedException {
    StringBuilder script = new StringBuilder("set -e\n");
    Path session = null;
    for (int i = 0; i < commands.size(); i++) {
      Block block = commands.get(i);
      String text = block.text().replace(Page.ADDRESS, service);
      // What a command prints belongs to the block that it stands in.
      script.append("exec > '%s' 2> '%s'\n".formatted(output(i), errors(i)));
      if (block.kind() == Kind.PYTHON) {
        Path file = Files.writeString(outputs.resolve(i + ".py"), text);
        script.append("%s -B '%s'\n".formatted(PYTHON, file));
      } else if (block.kind() == Kind.CELL) {
        Files.writeString(outputs.resolve(i + ".py"), text);
        if (session == null) {
          session = Files.writeString(outputs.resolve("session.py"), SESSION);
          script.append("coproc SESSION { %s -B '%s'; }\n".formatted(PYTHON, session));
        }
        script.append("echo '%s' >&\"${SESSION[1]}\"\n".formatted(outputs.resolve("" + i)));
        script.append("read -r ended <&\"${SESSION[0]}\"; test \"$ended\" = done\n");
      } else {
        script.append(text);
      }
    }
    Path file = Files.writeString(outputs.resolve("page.sh"), script);
    ProcessBuilder builder =
        new ProcessBuilder("bash", file.toString())
            .directory(work.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(outputs.resolve("bash").toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("TRAINYARD_"));
    builder.environment().put("URL", service);
    builder.environment().put("PYTHONPATH", CLIENT.toAbsolutePath().toString());
    Process process = builder.start();
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      return -1;
    }
    return process.exitValue();
  }

  private List<String> differences(int exit) throws IOException {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < commands.size() && Files.exists(output(i)); i++) {
      Block block = commands.get(i);
      String printed = Files.readString(output(i), StandardCharsets.UTF_8);
      boolean last = i == commands.size() - 1 || !Files.exists(output(i + 1));
      if (exit != 0 && last) {
        String end = exit < 0 ? "was not done in time" : "ended with status " + exit;
        found.add(page.place(block) + ": " + end + "\n" + printed + Files.readString(errors(i)));
        break;
      }
      check(block, printed, found);
    }
    return found;
  }

  private void check(Block block, String printed, List<String> found) {
    List<JsonNode> replies = new ArrayList<>(PrintedJson.in(printed));
    var reply = page.replyTo(block);
    if (reply.isPresent()) {
      differencesTo(reply.get(), printed, replies)
          .forEach(text -> found.add(page.place(reply.get()) + ": " + text));
      if (!replies.isEmpty()) {
        replies.removeLast();
      }
    }
    replies.stream()
        .filter(PrintedJson::isFailure)
        .forEach(json -> found.add(page.place(block) + ": does not show that it fails: " + json));
  }

  private static List<String> differencesTo(Block reply, String printed, List<JsonNode> replies) {
    if (reply.kind() == Kind.TEXT_REPLY) {
      return new ShownText(reply.text()).differencesTo(printed);
    }
    if (replies.isEmpty()) {
      return List.of("no JSON was printed: " + printed);
    }
    try {
      return new ShownJson(reply.text()).differencesTo(replies.getLast());
    } catch (JacksonException e) {
      return List.of("is not JSON: " + e.getOriginalMessage());
    }
  }

  private Path output(int block) {
    return outputs.resolve(block + ".out");
  }

  private Path errors(int block) {
    return outputs.resolve(block + ".err");
  }
}
