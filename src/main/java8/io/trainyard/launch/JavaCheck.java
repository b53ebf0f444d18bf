package io.trainyard.launch;

import java.lang.reflect.InvocationTargetException;

/**
 * The first class of the packaged jar. Compiled for Java 8, so that an older Java says what is
 * missing instead of UnsupportedClassVersionError; then Spring Boot's launcher goes on.
 */
public final class JavaCheck {
  private static final int NEEDED = 25;
  private static final int EXIT_CODE = 2;
  private static final String LAUNCHER = "org.springframework.boot.loader.launch.JarLauncher";

  private JavaCheck() {}

  public static void main(String[] arguments) throws Throwable {
    String version = System.getProperty("java.specification.version", "");
    if (feature(version) < NEEDED) {
      System.err.println(
          "Trainyard needs Java "
              + NEEDED
              + " or newer; this is Java "
              + version
              + " in "
              + System.getProperty("java.home")
              + ". Install a newer one, or start the jar with its path: /path/to/java-"
              + NEEDED
              + "/bin/java -jar ...");
      System.exit(EXIT_CODE);
    }
    try {
      Class.forName(LAUNCHER).getMethod("main", String[].class).invoke(null, (Object) arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** 8 for "1.8", 25 for "25". */
  private static int feature(String version) {
    try {
      return Integer.parseInt(version.startsWith("1.") ? version.substring(2) : version);
    } catch (NumberFormatException unknown) {
      return NEEDED;
    }
  }
}
