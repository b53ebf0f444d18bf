package io.trainyard.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.OwnService;
import io.trainyard.architecture.Sources.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Rules on the sources that bytecode does not show: constants and texts. */
class SourceRulesTest {
  /** The floor that answers over HTTP, and the command line, which calls it. */
  private static final List<String> CALLS_AND_ANSWERS = List.of("api", "cli");

  /** The audit log names what changed by its path. */
  private static final List<String> HAVE_PATHS = List.of("api", "cli", "access");

  private static final Pattern TEST_NAME = Pattern.compile("\\b[A-Z]\\w+(Test|IT)\\b");
  private static final Pattern SQL =
      Pattern.compile(
          "(?is)\\b(select\\b.+\\bfrom\\b|insert\\s+into\\b|update\\s+\\w+\\s+set\\b"
              + "|delete\\s+from\\b|create\\s+(temp\\s+)?table\\b)");
  private static final Pattern PATH = Pattern.compile("\"/?v[12]/|\"/v[12]\"");
  private static final Pattern STATUS =
      Pattern.compile("(?i)\\bstatus\\w*\\W{1,5}[1-5]\\d\\d\\b|\\bHttpStatus\\b|\\bSC_[A-Z_]+\\b");
  private static final Pattern LOG =
      Pattern.compile("\\bOwnService\\.on\\(|\\bSpringApplicationBuilder\\(|\\.addAppender\\(");
  private static final Pattern IMPORT =
      Pattern.compile("(?m)^import (?:static )?io\\.trainyard\\.([a-z.]*)\\.[A-Z]");

  @Test
  void onlyStoreHasSql() throws IOException {
    assertThat(offenders(List.of("store"), SourceRulesTest::hasSql)).isEmpty();
    assertThat(hasSql(planted("jdbc.sql(\"select id\" + \" from jobs\");"))).isTrue();
    assertThat(hasSql(planted("// select the rows from here\nint x;"))).isFalse();
  }

  private static boolean hasSql(Source source) {
    return source.strings().stream().anyMatch(text -> SQL.matcher(text).find());
  }

  @Test
  void onlyApiItsCallerAndTheAuditLogHavePaths() throws IOException {
    assertThat(offenders(HAVE_PATHS, SourceRulesTest::hasPath)).isEmpty();
    assertThat(hasPath(planted("String place = \"/v1/jobs/\" + id;"))).isTrue();
  }

  private static boolean hasPath(Source source) {
    return source.strings().stream().anyMatch(text -> PATH.matcher(text).find());
  }

  @Test
  void onlyApiAndItsCallerHaveStatusNumbers() throws IOException {
    assertThat(offenders(CALLS_AND_ANSWERS, SourceRulesTest::hasStatus)).isEmpty();
    assertThat(hasStatus(planted("created(jdbc, HttpStatus.CREATED);"))).isTrue();
    assertThat(hasStatus(planted("if (status == 404) {}"))).isTrue();
  }

  private static boolean hasStatus(Source source) {
    return STATUS.matcher(source.code()).find();
  }

  /** The compiler copies constants, so bytecode does not show every import. */
  @Test
  void importsFormNoCycle() throws IOException {
    Map<String, Set<String>> imports = new TreeMap<>();
    for (Source source : Sources.below(Sources.MAIN)) {
      Set<String> others = imports.computeIfAbsent(source.packageName(), _ -> new TreeSet<>());
      IMPORT.matcher(source.text()).results().map(found -> found.group(1)).forEach(others::add);
      others.remove(source.packageName());
    }
    assertThat(cycle(imports)).isEmpty();
    assertThat(cycle(Map.of("a", Set.of("b"), "b", Set.of("c"), "c", Set.of("b"))))
        .containsExactly("b", "c");
  }

  /** The packages that are left when those that import none of the others are taken out. */
  private static Set<String> cycle(Map<String, Set<String>> imports) {
    Set<String> left = new TreeSet<>(imports.keySet());
    Predicate<String> importsNone = name -> imports.get(name).stream().noneMatch(left::contains);
    Predicate<String> importedByNone =
        name -> left.stream().noneMatch(other -> imports.get(other).contains(name));
    while (left.removeIf(importsNone.or(importedByNone))) {}
    return left;
  }

  /** Simple names stand for one thing each, unless a folder gives them their meaning. */
  @Test
  void noTwoTypesShareASimpleName() throws IOException {
    Set<String> seen = new HashSet<>();
    List<String> twice = new ArrayList<>();
    for (Source source : Sources.below(Sources.MAIN)) {
      String name = source.path().getFileName().toString();
      if (!name.equals("package-info.java") && !seen.add(name)) {
        twice.add(name);
      }
    }
    assertThat(twice).isEmpty();
  }

  @Test
  void everyPackageSaysWhatItIsFor() throws IOException {
    List<Source> sources = Sources.below(Sources.MAIN);
    Set<String> described =
        sources.stream()
            .filter(file -> file.path().endsWith("package-info.java"))
            .filter(file -> file.comments().stream().anyMatch(text -> text.lines().count() > 3))
            .map(Source::packageName)
            .collect(Collectors.toSet());
    assertThat(described)
        .containsAll(sources.stream().map(Source::packageName).collect(Collectors.toSet()));
  }

  @Test
  void everyTestThatADescriptionNamesExists() throws IOException {
    Map<Path, String> descriptions = new TreeMap<>();
    for (Path file : List.of(Path.of("README.md"), Path.of("src/docs/contributing.md"))) {
      descriptions.put(file, Files.readString(file));
    }
    for (Source source : Sources.below(Sources.MAIN)) {
      descriptions.put(source.path(), String.join("\n", source.comments()));
    }
    Set<String> tests = testNames();
    List<String> missing = new ArrayList<>();
    descriptions.forEach(
        (path, text) ->
            TEST_NAME
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .filter(name -> !tests.contains(name))
                .forEach(name -> missing.add(path + ": " + name)));
    assertThat(missing).isEmpty();
  }

  private static Set<String> testNames() throws IOException {
    return Sources.below(Sources.TEST).stream().map(Source::name).collect(Collectors.toSet());
  }

  /** A start sets up the log of the process again: see {@link OwnService}. */
  @Test
  void testsThatStartAServiceAndThoseThatReadTheLogRunInOneThread() throws IOException {
    assertThat(Sources.below(Sources.TEST))
        .filteredOn(source -> !source.name().equals(OwnService.class.getSimpleName()))
        .filteredOn(SourceRulesTest::usesTheLogInAnyThread)
        .isEmpty();
    assertThat(usesTheLogInAnyThread(planted("OwnService.on(folder);"))).isTrue();
    assertThat(usesTheLogInAnyThread(planted("new SpringApplicationBuilder(A.class)"))).isTrue();
    assertThat(usesTheLogInAnyThread(planted("log.addAppender(lines);"))).isTrue();
  }

  private static boolean usesTheLogInAnyThread(Source source) {
    String code = source.code();
    return LOG.matcher(code).find()
        && !code.contains("@Execution(ExecutionMode.SAME_THREAD)")
        && !code.contains("@ServiceTest");
  }

  private static List<Path> offenders(List<String> floors, Predicate<Source> rule)
      throws IOException {
    return Sources.below(Sources.MAIN).stream()
        .filter(source -> floors.stream().noneMatch(source::isIn))
        .filter(rule)
        .map(Source::path)
        .toList();
  }

  private static Source planted(String text) {
    return new Source(Path.of("src/main/java/io/trainyard/job/Planted.java"), text);
  }
}
