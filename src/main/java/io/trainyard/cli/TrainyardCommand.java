package io.trainyard.cli;

import io.trainyard.cli.ServiceClient.UnavailableException;
import io.trainyard.cli.Session.UsageException;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The root of the command line, and what its exit codes mean. */
@Command(
    name = "trainyard",
    description = "Trains neural networks and predicts with them, by a running Trainyard service.",
    versionProvider = TrainyardCommand.Version.class,
    mixinStandardHelpOptions = true,
    scope = CommandLine.ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = CommandLine.HelpCommand.class,
    footerHeading = "%n",
    footer = {
      "trainyard serve starts the service itself, with settings behind it: --server.port=8080",
      "trainyard worker starts a process that only runs jobs; trainyard migrate only migrates.",
      "Output is a table on a terminal, and one line with tabs per row otherwise.",
      ""
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:done",
      "1:refused by the service, or found invalid",
      "2:wrong usage, or a local file that cannot be read or written",
      "3:the job failed or was cancelled",
      "4:no service answers, or it stays busy: try again later"
    })
public final class TrainyardCommand implements Callable<Integer> {
  static final int DONE = 0;
  static final int REFUSED = 1;
  static final int USAGE = 2;
  static final int FAILED = 3;
  static final int UNAVAILABLE = 4;

  /** All commands, in the order of the help. */
  static final Map<String, Function<Session, Object>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("upload", UploadCommand::new);
    COMMANDS.put("validate", ValidateCommand::new);
    COMMANDS.put("train", TrainCommand::new);
    COMMANDS.put("predict", PredictCommand::new);
    COMMANDS.put("models", ModelsCommand::new);
    COMMANDS.put("promote", PromoteCommand::new);
    COMMANDS.put("rollback", RollbackCommand::new);
    COMMANDS.put("jobs", JobsCommand::new);
    COMMANDS.put("cancel", EndJobCommand.Cancel::new);
    COMMANDS.put("stop", EndJobCommand.Stop::new);
    COMMANDS.put("keys", KeysCommand::new);
    COMMANDS.put("backup", BackupCommand::new);
    COMMANDS.put("restore", RestoreCommand::new);
  }

  @Mixin private final Session session;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  private TrainyardCommand(Session session) {
    this.session = session;
  }

  /** Runs a command; gives its exit code. */
  public static int run(String... arguments) {
    return run(System.out, System.err, System.getenv(), Terminal.isPresent(), arguments);
  }

  /** As {@link #run(String...)}, with everything that a test wants to choose. */
  static int run(
      PrintStream out,
      PrintStream err,
      Map<String, String> environment,
      boolean terminal,
      String... arguments) {
    Session session = new Session(new Terminal(out, err, terminal), environment);
    CommandLine line = new CommandLine(new TrainyardCommand(session));
    // Picocli reads annotations slowly, so only the command that is asked for is read.
    boolean known = Stream.of(arguments).anyMatch(COMMANDS::containsKey);
    COMMANDS.forEach(
        (name, command) -> {
          if (!known || List.of(arguments).contains(name)) {
            line.addSubcommand(command.apply(session));
          }
        });
    line.setOut(session.terminal().writer());
    line.setErr(session.terminal().errorWriter());
    line.setColorScheme(
        CommandLine.Help.defaultColorScheme(
            terminal ? CommandLine.Help.Ansi.AUTO : CommandLine.Help.Ansi.OFF));
    line.setExecutionExceptionHandler((failure, _, _) -> explain(failure, session));
    line.setParameterExceptionHandler(TrainyardCommand::explainUsage);
    return line.execute(arguments);
  }

  /** No command: {@code --url …} alone. */
  @Override
  public Integer call() {
    spec.commandLine().usage(session.terminal().errorWriter());
    return USAGE;
  }

  private static int explain(Exception failure, Session session) throws Exception {
    Terminal terminal = session.terminal();
    terminal.endProgress();
    return switch (failure) {
      case Refusal refusal -> {
        terminal.error(
            session.json() ? refusal.problem().toPrettyString() : refusal.text(terminal.isPlain()));
        yield refusal.isBusy() ? UNAVAILABLE : REFUSED;
      }
      case UnavailableException gone -> {
        terminal.error(gone.getMessage());
        yield UNAVAILABLE;
      }
      case UsageException wrong -> {
        terminal.error(wrong.getMessage());
        yield USAGE;
      }
      case ServiceException wrong -> {
        terminal.error(wrong.detail());
        yield USAGE;
      }
      case IOException file -> {
        terminal.error(sentence(file));
        yield USAGE;
      }
      default -> throw failure;
    };
  }

  private static String sentence(IOException failure) {
    return switch (failure) {
      case NoSuchFileException missing -> "There is no file " + missing.getFile();
      case AccessDeniedException denied -> "May not read or write " + denied.getFile();
      case FileAlreadyExistsException there -> there.getFile() + " is there already";
      default -> String.valueOf(failure.getMessage());
    };
  }

  private static int explainUsage(CommandLine.ParameterException wrong, String[] arguments) {
    CommandLine line = wrong.getCommandLine();
    line.getErr().println(wrong.getMessage());
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(wrong, line.getErr())) {
      line.getErr().println("More: trainyard " + path(line) + "--help");
    }
    line.getErr().flush();
    return USAGE;
  }

  private static String path(CommandLine line) {
    String full = line.getCommandSpec().qualifiedName();
    return full.equals("trainyard") ? "" : full.substring("trainyard ".length()) + " ";
  }

  /** The version in the jar's manifest. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = TrainyardCommand.class.getPackage().getImplementationVersion();
      return new String[] {
        "trainyard " + (version == null ? "(not packaged)" : version), "Java " + Runtime.version()
      };
    }
  }
}
