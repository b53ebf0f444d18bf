package io.trainyard.start;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves what runs at the start alone to the quick compiler. The optimizing compiler would take a
 * third of the processor time of a start for code that is hardly used any more when it is done. So
 * would that of a JVM with a cache (JEP 515), which compiles what was compiled when it was baked.
 *
 * <p>{@code java -jar} takes no options from the jar, so the running JVM is told (JEP 165).
 */
public final class StartCompilation {
  private static final Logger log = LoggerFactory.getLogger(StartCompilation.class);

  /** Loading classes, and building the application. A star stands for any rest of a name. */
  private static final String CLASSES =
      """
      java/lang/ClassLoader java/lang/classfile/* java/lang/constant/*
      java/lang/invoke/InvokerBytecodeGenerator* java/lang/invoke/LambdaForm
      java/lang/invoke/LambdaForm$Name* java/lang/invoke/LambdaFormBuffer
      java/lang/invoke/LambdaFormEditor* java/lang/invoke/MemberName* java/lang/invoke/MethodType*
      java/lang/reflect/Executable java/lang/reflect/Proxy* java/net/JarURLConnection java/net/URL*
      java/security/CodeSource java/security/SecureClassLoader* java/util/Properties*
      java/util/ResourceBundle* java/util/jar/* java/util/zip/ZipFile* jdk/internal/classfile/*
      jdk/internal/constant/* jdk/internal/jimage/* jdk/internal/loader/* jdk/internal/module/*
      jdk/internal/util/xml/* sun/net/* sun/reflect/* org/flywaydb/* org/springframework/aop/*
      org/springframework/asm/* org/springframework/beans/* org/springframework/boot/*
      org/springframework/context/* org/springframework/core/BridgeMethodResolver*
      org/springframework/core/MethodIntrospector* org/springframework/core/ResolvableType*
      org/springframework/core/annotation/*
      org/springframework/core/convert/* org/springframework/core/env/* org/springframework/core/io/*
      org/springframework/core/type/* org/springframework/scheduling/annotation/*
      org/springframework/transaction/annotation/* org/springframework/transaction/interceptor/*
      org/springframework/util/ReflectionUtils*
      """;

  private StartCompilation() {}

  /** Tells the JVM; one that takes no directives starts as usual. */
  public static void leaveToQuickCompiler() {
    try {
      Path file = Files.createTempFile("trainyard-start", ".json");
      try {
        Files.writeString(file, directives());
        log.debug("The compilers: {}", tell("compilerDirectivesAdd", file.toString()));
      } finally {
        Files.delete(file);
      }
    } catch (IOException | JMException | RuntimeException e) {
      log.debug("The compilers were told nothing", e);
    }
  }

  /** Runs a diagnostic command of this JVM, and gives its answer. */
  static String tell(String command, String... arguments) throws JMException {
    return String.valueOf(
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                command,
                new Object[] {arguments},
                new String[] {String[].class.getName()}));
  }

  private static String directives() {
    return Arrays.stream(CLASSES.strip().split("\\s+"))
        .map(name -> "\"" + name + ".*\"")
        .collect(Collectors.joining(", ", "[{match: [", "], c2: {Exclude: true}}]\n"));
  }
}
