package io.trainyard.engine.natives;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The two functions of MKL that set its threads. JavaCPP's class for them would need a library of
 * 130 MB. Source: mkl_service.h.
 */
final class Mkl {
  /** MKL's number for GNU's OpenMP. */
  private static final int THREADING_GNU = 3;

  private static @Nullable MethodHandle threads;

  private Mkl() {}

  /**
   * Makes MKL use libgomp: two OpenMP runtimes would have two thread pools.
   *
   * @param library MKL, which the process has loaded
   */
  static void useLibgomp(Path library) {
    SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
    call(function(symbols, "MKL_Set_Threading_Layer"), THREADING_GNU);
    threads = function(symbols, "MKL_Set_Num_Threads_Local");
  }

  /** Sets the threads of parallel regions that the calling thread starts. */
  static void setThreads(int count) {
    call(Objects.requireNonNull(threads, "MKL is not loaded"), count);
  }

  private static MethodHandle function(SymbolLookup symbols, String name) {
    return Linker.nativeLinker()
        .downcallHandle(
            symbols.findOrThrow(name),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
  }

  private static void call(MethodHandle function, int argument) {
    try {
      int _ = (int) function.invokeExact(argument);
    } catch (Throwable e) {
      throw new IllegalStateException("MKL refused its settings", e);
    }
  }
}
