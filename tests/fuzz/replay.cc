// SPDX-License-Identifier: Apache-2.0
//
// Stands in for libFuzzer where it is not linked: runs a fuzz target once over each file of its
// corpus, as one GoogleTest case a file. An empty corpus is an error, for it would test nothing.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

class Replay : public testing::Test {
 public:
  explicit Replay(std::filesystem::path file) : file_(std::move(file)) {}

  void TestBody() override {
    std::ifstream stream(file_, std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(stream), {}};
    ASSERT_FALSE(stream.bad()) << "cannot read " << file_;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer's signature
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  }

 private:
  std::filesystem::path file_;
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CORPUS)) {
    const auto& path = entry.path();
    testing::RegisterTest("Corpus",
                          path.filename().c_str(),
                          nullptr,
                          nullptr,
                          __FILE__,
                          __LINE__,
                          [path]() -> testing::Test* { return new Replay(path); });
    ++files;
  }
  if (files == 0) {
    std::fprintf(stderr, "no seeds in %s\n", CORPUS);
    return 1;
  }
  return RUN_ALL_TESTS();
}
