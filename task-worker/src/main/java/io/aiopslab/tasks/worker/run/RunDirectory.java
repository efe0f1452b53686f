package io.aiopslab.tasks.worker.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** What a run has of the file system: a home, a current directory, and more, all its own. */
record RunDirectory(Path root) {
  private static final FileAttribute<Set<PosixFilePermission>> OURS_ALONE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> PROGRAM =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /** Makes the directories in one that is empty. */
  static RunDirectory in(Path root) throws IOException {
    RunDirectory directory = new RunDirectory(root);
    Files.createDirectory(directory.home());
    Files.createDirectory(directory.work());
    Files.createDirectory(directory.tmp());
    Files.createDirectory(directory.bin());
    Files.createDirectory(directory.results());
    return directory;
  }

  /** HOME. */
  Path home() {
    return root.resolve("home");
  }

  /** Where the process starts. */
  Path work() {
    return root.resolve("work");
  }

  /** TMPDIR. */
  Path tmp() {
    return root.resolve("tmp");
  }

  /** First on the PATH. */
  Path bin() {
    return root.resolve("bin");
  }

  Path results() {
    return root.resolve("results");
  }

  /** Where kubectl and helm look; there is no file where the slot has no cluster. */
  Path kubeconfig() {
    return home().resolve(".kube/config");
  }

  void takeKubeconfig(Path original) throws IOException {
    Files.createDirectory(kubeconfig().getParent());
    try {
      Files.write(Files.createFile(kubeconfig(), OURS_ALONE), Files.readAllBytes(original));
    } catch (IOException e) {
      throw new IOException("the kubeconfig %s cannot be copied: %s".formatted(original, e), e);
    }
  }

  /** Puts a program before all others of its name. */
  void putFirst(String name, InputStream program) throws IOException {
    Path file = Files.createFile(bin().resolve(name), PROGRAM);
    Files.write(file, program.readAllBytes());
    if (!Files.isExecutable(file)) {
      throw new IOException(
          file
              + " cannot be executed: its file system is mounted noexec; set"
              + " aiopslab.worker.scratch-directory to one that is not");
    }
  }
}
