package io.trainyard.store.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import org.duckdb.DuckDBDriver;
import org.jspecify.annotations.Nullable;

/**
 * Makes DuckDB's driver unpack its library into a folder of this service. The driver has no setting
 * for it: it uses the system's folder for temporary files, where a killed process leaves 70 MB, and
 * the JVM reads the path of that folder before any code runs. So one call in the driver's loader is
 * replaced before the class is loaded.
 */
public final class DriverLibrary {
  private static final String LOADER = "/org/duckdb/DuckDBNative.class";
  private static final String REPLACED = "createTempFile";

  private static @Nullable Path folder;

  private DriverLibrary() {}

  /** Has an effect before the driver's first connection. */
  public static synchronized void unpackInto(Path into) {
    if (folder != null) {
      return;
    }
    folder = into;
    try (InputStream in = DuckDBDriver.class.getResourceAsStream(LOADER)) {
      if (in != null) {
        ClassFile file = ClassFile.of();
        byte[] changed =
            file.transformClass(
                file.parse(in.readAllBytes()),
                ClassTransform.transformingMethodBodies(DriverLibrary::replace));
        MethodHandles.privateLookupIn(DuckDBDriver.class, MethodHandles.lookup())
            .defineClass(changed);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (IllegalAccessException | LinkageError e) {
      // The class is loaded already, or may not be changed: the library goes to the system's
      // folder.
    }
  }

  private static void replace(CodeBuilder code, CodeElement element) {
    if (element instanceof InvokeInstruction call
        && call.name().equalsString(REPLACED)
        && call.owner().asInternalName().equals("java/nio/file/Files")) {
      code.invokestatic(ClassDesc.of(DriverLibrary.class.getName()), REPLACED, call.typeSymbol());
    } else {
      code.with(element);
    }
  }

  /** Called by the driver's loader in place of the method of {@link Files}. */
  public static synchronized Path createTempFile(
      String prefix, String suffix, FileAttribute<?>... attributes) throws IOException {
    return folder == null
        ? Files.createTempFile(prefix, suffix, attributes)
        : Files.createTempFile(Files.createDirectories(folder), prefix, suffix, attributes);
  }
}
