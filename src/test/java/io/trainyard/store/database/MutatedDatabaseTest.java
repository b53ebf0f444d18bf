package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.trainyard.Cases;
import io.trainyard.attack.MutatedFile;
import io.trainyard.error.StartRefusedException;
import io.trainyard.store.DataDirectory;
import io.trainyard.upgrade.KeptFolders;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A database file with wrong bytes: the operator is told, at the start or where they are read. */
@Timeout(300)
class MutatedDatabaseTest {
  private static final String DATABASE = "data/database/trainyard.mv.db";
  private static final int ALL = 300;
  private static final int SAMPLE = 25;

  @TempDir private Path data;

  private static byte[] kept() throws Exception {
    try (ZipFile zip = new ZipFile(KeptFolders.sample().getLast().toFile());
        InputStream in = zip.getInputStream(zip.getEntry(DATABASE))) {
      return in.readAllBytes();
    }
  }

  @Test
  void damageIsToldInOneSentence() throws Exception {
    long seed = Long.getLong("attack.seed", 27);
    Random random = new Random(seed);
    byte[] good = kept();
    Map<String, Integer> outcomes = new TreeMap<>();
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < (Cases.all() ? ALL : SAMPLE); i++) {
      Path folder = data.resolve("d" + i);
      Path file = Files.createDirectories(folder.resolve("database")).resolve("trainyard.mv.db");
      Files.write(file, damaged(good, random));
      String outcome;
      try {
        outcome = outcome(folder);
      } catch (Throwable e) {
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        outcome = "fault";
        faults.add("mutation %d of seed %d: %s".formatted(i, seed, trace));
      }
      outcomes.merge(outcome, 1, Integer::sum);
    }
    assertThat(faults).as("%s", outcomes).isEmpty();
    assertThat(outcomes).containsKey("refused");
  }

  /** A run of wrong bytes, as of a bad block, or a few. */
  private static byte[] damaged(byte[] good, Random random) {
    if (random.nextBoolean()) {
      return MutatedFile.of(good, random);
    }
    byte[] bytes = good.clone();
    int from = random.nextInt(bytes.length);
    int to = Math.min(bytes.length, from + 1 + random.nextInt(8192));
    if (random.nextBoolean()) {
      Arrays.fill(bytes, from, to, (byte) 0);
    } else {
      byte[] noise = new byte[to - from];
      random.nextBytes(noise);
      System.arraycopy(noise, 0, bytes, from, noise.length);
    }
    return bytes;
  }

  private static String outcome(Path folder) {
    EmbeddedDatabase database;
    try {
      database = EmbeddedDatabase.open(new DataDirectory(folder));
    } catch (StartRefusedException e) {
      assertThat(e.getMessage())
          .contains("trainyard.mv.db", "restore it from a backup")
          .doesNotContain("\n", "Exception", ": null", ": ;");
      return "refused";
    }
    try (database;
        HikariDataSource pool = database.pool()) {
      JdbcClient jdbc = JdbcClient.create(pool);
      for (String table :
          jdbc.sql("select table_name from information_schema.tables where table_schema='PUBLIC'")
              .query(String.class)
              .list()) {
        var _ = jdbc.sql("select * from \"" + table + "\"").query().listOfRows();
      }
      return "read";
    } catch (RuntimeException e) {
      Throwable cause = e;
      while (!(cause instanceof SQLException) && cause.getCause() != null) {
        cause = cause.getCause();
      }
      assertThat(cause).isInstanceOf(SQLException.class);
      assertThat(StartFailure.sentence(e)).as("%s", cause).isPresent();
      assertThat(StartFailure.sentence(e).orElseThrow())
          .contains("restore it from a backup")
          .doesNotContain("\n", "Exception");
      return "told where it is read";
    }
  }
}
