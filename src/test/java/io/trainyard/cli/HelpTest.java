package io.trainyard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each command explains itself, and none of them needs a service for it. */
class HelpTest {
  private static final String NOBODY = "http://127.0.0.1:1";

  @Test
  void everyCommandHasHelp() {
    List<String> commands = new ArrayList<>(TrainyardCommand.COMMANDS.keySet());
    commands.addAll(List.of("keys create", "keys revoke"));
    for (String command : commands) {
      for (String help : List.of("-h", "--help")) {
        Command asked =
            Command.run(
                NOBODY,
                Stream.concat(Stream.of(command.split(" ")), Stream.of(help))
                    .toArray(String[]::new));
        assertThat(asked.code()).as("%s %s: %s", command, help, asked).isZero();
        assertThat(asked.out()).contains("Usage: trainyard " + command, "--help");
      }
    }
  }

  @Test
  void wrongUsageLeadsToHelpThatWorks() {
    Command wrong = Command.run(NOBODY, "train");
    assertThat(wrong.code()).isEqualTo(TrainyardCommand.USAGE);
    assertThat(wrong.err()).contains("trainyard train --help");
    assertThat(Command.run(NOBODY, "help", "train").out()).contains("Usage: trainyard train");
  }
}
